import { wiringDiagram } from '#shared/messaging/diagram.ts'
import { readCatalog } from '#shared/messaging/wiring.ts'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalog } from '../../../lambdas/catalog.ts'
import { catalogOf } from './kiosk.ts'

const wiring = readCatalog(catalog)

describe('the catalog of this repository', () => {
  it('puts every message of the order saga on its topic', () => {
    const topics = Object.groupBy(wiring.messages, ({ topic }) => topic)
    expect(
      Object.fromEntries(Object.entries(topics).map(([topic, of]) => [topic, of?.map(({ type }) => type)])),
    ).toMatchObject({
      'orders-events': ['OrderApprovedEvent', 'OrderCreatedEvent', 'OrderRejectedEvent'],
      'orders-commands': ['OrderApprovedCommand', 'OrderRejectCommand'],
      'products-commands': ['ProductReserveCancelCommand', 'ProductReserveCommand'],
      'products-events': [
        'ProductReserveCancelledEvent',
        'ProductReserveConfirmationEvent',
        'ProductReserveFailedEvent',
      ],
      'payments-commands': ['PaymentProcessCommand', 'PaymentVoidCommand'],
      'payments-events': ['PaymentFailedEvent', 'PaymentProcessSuccessfulEvent', 'PaymentVoidedEvent'],
      'saga-control': ['SagaAbort', 'SagaResolve', 'SagaRetry', 'SagaWakeUp'],
    })
  })

  it('has a file for every function', async () => {
    const root = join(import.meta.dirname, '../../..')
    await Promise.all(wiring.functions.map(({ entry }) => access(join(root, entry))))
  })

  it('lets only the orchestrator write sagas and history', () => {
    const writers = (table: string) =>
      wiring.functions
        .filter(fn => fn.tables.some(used => used.table.name === table && used.use.includes('write')))
        .map(({ name }) => name)
    expect(writers('sagas')).toEqual(['order-saga'])
    expect(writers('orders-history')).toEqual(['order-saga'])
  })
})

describe('the diagram', () => {
  it('shows who says what to whom', async () => {
    await expect(wiringDiagram(catalog)).toMatchFileSnapshot('snapshots/catalog.mmd')
  })
  it('shows what is meant for others', async () => {
    await expect(wiringDiagram(catalogOf())).toMatchFileSnapshot('snapshots/kiosk.mmd')
  })
})
