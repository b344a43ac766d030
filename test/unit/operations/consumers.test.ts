/** The operators' API of consumers, on what the consumers themselves have written down. */
import { beforeEach, describe, expect, test } from 'vitest'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { consumersTable, type Failure, FAILING_MS, nextEntry, rowOf } from '#engine/delivery/failure-entry.ts'
import { RetryableError } from '#engine/model/errors.ts'
import { createOperationsApi } from '../../../lambdas/platform/operations/api.ts'
import { gatewayTo, recordedLog } from '../../support/http.ts'

const NOW = Date.parse('2026-12-01T02:00:00Z')
const operator = { sub: 'olga', groups: 'operators' }
const consumers = { order: ['orders-commands'], payment: ['orders-events', 'payments-commands'] }

let now: number
let store: ReturnType<typeof memoryStore>
let call: ReturnType<typeof gatewayTo>
beforeEach(() => {
  now = NOW
  store = memoryStore([consumersTable])
  const clock = { now: () => now, sleep: () => Promise.resolve() }
  const ports = { store, clock, log: recordedLog(), newId: () => 'a1', definitions: [] }
  call = gatewayTo(createOperationsApi({ ...ports, consumers }))
})

const list = async () => (await call({ path: '/consumers', ...operator })).body as { items: unknown[] }
const fails = async ({ since = NOW, ...given }: Partial<Failure> = {}) =>
  store.writeRows([
    rowOf(
      nextEntry(
        undefined,
        {
          consumer: 'payment',
          topic: 'payments-commands',
          partition: 0,
          offset: 41,
          error: new RetryableError('the broker is away', { code: 'KAFKA_CONNECTION' }),
          since,
          ...given,
        },
        since,
      ),
    ),
  ])
const healthy = [
  { consumer: 'order', topic: 'orders-commands' },
  { consumer: 'payment', topic: 'orders-events' },
  { consumer: 'payment', topic: 'payments-commands' },
]

describe('the list', () => {
  test('has every consumer by its topics, though none has ever failed', async () => {
    expect(await list()).toEqual({ items: healthy })
  })

  test('says of one that fails since when, with what and where it stands', async () => {
    await fails()
    expect(await list()).toEqual({
      items: [
        ...healthy.slice(0, 2),
        {
          consumer: 'payment',
          topic: 'payments-commands',
          failingSince: '2026-12-01T02:00:00.000Z',
          lastError: 'RetryableError KAFKA_CONNECTION: the broker is away',
          blockedRecord: { topic: 'payments-commands', partition: 0, offset: 41 },
        },
      ],
    })
  })

  test('shows of many partitions the one that has failed for longest, among those that still do', async () => {
    await fails({ partition: 0, since: NOW - FAILING_MS })
    await fails({ partition: 1, since: NOW - 1000, offset: 3 })
    for (let partition = 2; partition < 150; partition += 1) await fails({ partition })
    expect((await list()).items[2]).toMatchObject({
      failingSince: '2026-12-01T01:59:59.000Z',
      blockedRecord: { partition: 1, offset: 3 },
    })
  })

  test('shows it no longer three minutes after its last failure', async () => {
    await fails()
    now = NOW + FAILING_MS - 1
    expect((await list()).items[2]).toHaveProperty('failingSince')
    now = NOW + FAILING_MS
    expect(await list()).toEqual({ items: healthy })
  })

  test('is for operators', async () => {
    expect((await call({ path: '/consumers', sub: 'alice' })).status).toBe(403)
  })

  test('refuses a query that it does not know', async () => {
    expect((await call({ path: '/consumers?failing=true', ...operator })).status).toBe(400)
  })
})
