/** A payment service whose bug names another payment; its repair; and an operator who has its last messages decided again. */
import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { silentLog } from '#engine/adapters/memory/log.ts'
import { aggregate, publish } from '#engine/model/aggregate-builder.ts'
import type { AnyAggregate, Message } from '#engine/model/aggregate.ts'
import { decideBatch } from '#engine/delivery/decide-batch.ts'
import { createRelay } from '#engine/delivery/relay.ts'
import { itemKeyOf, unpackItem } from '#engine/delivery/stored-item.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { deadLettersTable } from '../../../../lambdas/platform/dead-letters/tables.ts'
import { sagaAction } from '../../../../lambdas/platform/operations/action.ts'
import { createOperationsApi } from '../../../../lambdas/platform/operations/api.ts'
import { sagaActionsTable } from '../../../../lambdas/platform/operations/tables.ts'
import { OrderCreatedEvent } from '../../../../lambdas/services/order/contract.ts'
import { order } from '../../../../lambdas/services/order/rules.ts'
import { PaymentProcessSuccessfulEvent, PaymentVoidedEvent } from '../../../../lambdas/services/payment/contract.ts'
import { type Payment, payment } from '../../../../lambdas/services/payment/rules.ts'
import { gatewayTo, recordedLog } from '../../../support/http.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const operator = { sub: 'olga', groups: 'operators' }
const COMMAND: Message = {
  id: 'order-saga:o1.2.0',
  type: 'PaymentVoidCommand',
  sagaId: 'o1',
  body: { reason: 'x' },
}
const silent = aggregate<Payment>('payment', { table: payment.table })
  .handles(PaymentVoidedEvent, { publishes: [], decide: () => ({ kind: 'ignore', why: 'nothing' }) })
  .build()

let store: ReturnType<typeof memoryStore>
let log: ReturnType<typeof recordedLog>
let services: { name: string; aggregate: AnyAggregate }[]
let ids: number
const api = () =>
  gatewayTo(
    createOperationsApi({
      store,
      clock: { now: () => NOW + 60_000, sleep: () => Promise.resolve() },
      log,
      newId: () => `action-${(ids += 1)}`,
      definitions: [],
      consumers: {},
      services,
    }),
  )
const republish = (body: object = { reason: 'the bug of Monday' }, path = '/services/payment/o1/republish') =>
  api()({ method: 'POST', path, body, ...operator })
const stored = () => unpackItem<Payment>(store.items('payments')[0]!)
/** What the change feed publishes of it. */
async function relayed() {
  const publisher = memoryPublisher()
  const publishes = [...sagaAction.publishes, ...payment.publishes, ...order.publishes]
  const relay = createRelay({
    aggregates: [{ ...sagaAction, publishes }],
    publisher,
    topicOf: m => m.about,
    log: silentLog,
  })
  await relay.relay(
    'saga-actions',
    store.items('saga-actions').filter(item => item['publishByChangeFeed'] === true),
  )
  return publisher.records()
}
const commit = async (of: AnyAggregate, key: string, message: Message) => {
  const ref = itemKeyOf(of, key)
  const [item] = await store.read([ref])
  const input = { aggregate: of, key, stored: item && unpackItem<object>(item), messages: [message], now: NOW }
  const decided = decideBatch({ ...input, read: () => undefined })
  if (decided.commit) await store.commit([{ ref, previous: item, item: decided.commit.stored.item }])
  return decided
}

beforeEach(async () => {
  ids = 0
  store = memoryStore([sagasTable, sagaActionsTable, deadLettersTable, payment.table, order.table])
  log = recordedLog()
  services = [
    { name: 'payment', aggregate: payment },
    { name: 'order', aggregate: order },
  ]
  // The bug: it says that it gave back what it never took.
  const wrong: AnyAggregate = {
    ...payment,
    decide: () => ({
      kind: 'commit',
      state: { status: 'VOIDED' },
      publish: [publish(PaymentVoidedEvent, { refunded: true })],
    }),
  }
  await commit(wrong, 'o1', COMMAND)
})

describe('a wrong message', () => {
  test('is published as the state has it, under the id, the time and the cause that it had', async () => {
    const { status, body } = await republish()
    expect(status).toBe(202)
    expect(body).toMatchObject({
      service: 'payment',
      id: 'o1',
      version: 1,
      messages: [
        {
          id: 'payment:o1.1.0',
          type: 'PaymentVoidedEvent',
          changed: ['refunded'],
          before: { refunded: true },
          after: { refunded: false },
        },
      ],
      deadLetters: [],
      actionId: 'action-1',
    })
    expect(body.receivers).toMatch(/takes it for a duplicate/)
    const [record, ...others] = await relayed()
    expect(others).toEqual([])
    expect(record).toMatchObject({
      topic: 'payment',
      key: 'o1',
      headers: {
        ce_id: 'payment:o1.1.0',
        ce_source: '/recourse/payment',
        ce_time: '2026-11-21T12:00:00.000Z',
        causationid: COMMAND.id,
        sagaid: 'o1',
      },
    })
    expect(JSON.parse(String(record?.value))).toMatchObject({ eventID: 'payment:o1.1.0', data: { refunded: false } })
  })

  test('is the one that every retry publishes from then on', async () => {
    await republish()
    const { effects, fates } = await commit(payment, 'o1', COMMAND)
    expect(fates).toMatchObject([{ fate: 'duplicate' }])
    expect(effects.sent).toMatchObject([{ id: 'payment:o1.1.0', body: { refunded: false } }])
  })

  test('leaves the ids of answers as they were', async () => {
    const another = { ...COMMAND, id: 'order-saga:o1.3.0' }
    const before = await commit(payment, 'o1', another)
    await republish()
    await republish()
    const after = await commit(payment, 'o1', another)
    expect(after.effects.sent).toEqual(before.effects.sent)
    expect(after.effects.sent[0]?.id).toMatch(/^payment:o1\.1\.a/)
  })

  test('is in the audit: who, when, why, and what was published before and after', async () => {
    await republish()
    expect(store.items('saga-actions').find(({ actionId }) => actionId === 'action-1')).toMatchObject({
      kind: 'republish',
      service: 'payment',
      key: 'o1',
      seenVersion: 1,
      by: 'olga',
      reason: 'the bug of Monday',
      at: '2026-11-21T12:01:00.000Z',
      messages: [{ id: 'payment:o1.1.0', before: { refunded: true }, after: { refunded: false } }],
    })
    expect(log.lines).toMatchObject([{ message: 'messages.republished' }, { message: 'http.request' }])
  })

  test('a dry run shows it and changes nothing', async () => {
    const before = JSON.stringify(store.items('payments'))
    const { status, body } = await republish({ reason: 'to look', dryRun: true })
    expect(status).toBe(200)
    expect(body.messages).toMatchObject([{ changed: ['refunded'] }])
    expect(body).not.toHaveProperty('actionId')
    expect(JSON.stringify(store.items('payments'))).toBe(before)
    expect(store.items('saga-actions')).toEqual([])
  })

  test('may be mended a hundred times, by many at once', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => republish()))
    // Of those at once, one is first: the others are told to come again, and nothing of theirs is written.
    const done = answers.filter(({ status }) => status === 202).length
    expect(answers.filter(({ status }) => status !== 202 && status !== 503)).toEqual([])
    expect(done).toBeGreaterThan(0)
    expect(stored()).toMatchObject({ version: 1 + done, state: { status: 'VOIDED' }, handled: [COMMAND.id] })
    expect(store.items('saga-actions').filter(({ kind }) => kind === 'republish')).toHaveLength(done)
    expect(new Set((await relayed()).map(({ value }) => String(value))).size).toBe(1)
  })
})

describe('nothing is published', () => {
  test.each([
    ['nobody', '/services/nobody/o1/republish', 404, /there are payment, order/],
    ['an item that is not there', '/services/payment/o2/republish', 404, /payment o2/],
  ])('of %s', async (_, path, status, detail) => {
    const answer = await republish(undefined, path)
    expect(answer.status).toBe(status)
    expect(answer.body.detail).toMatch(detail)
  })

  test('where the last commit published nothing', async () => {
    await commit(payment, 'o3', {
      ...COMMAND,
      type: 'PaymentProcessCommand',
      sagaId: 'o3',
      body: { amount: 1, currency: 'EUR', paymentMethod: 'tok' },
    })
    const { status, body } = await republish(undefined, '/services/payment/o3/republish')
    expect(status).toBe(409)
    expect(body.detail).toMatch(/published nothing/)
  })

  test('where the rules throw: their file and line are named, and nothing that they were given', async () => {
    services = [
      {
        name: 'payment',
        aggregate: {
          ...payment,
          republish() {
            throw new TypeError('no such thing')
          },
        },
      },
    ]
    const { status, body } = await republish()
    expect(status).toBe(409)
    expect(body.detail).toMatch(/payment threw: TypeError: no such thing, at .*republish\.test\.ts:\d+/)
    expect(store.items('saga-actions')).toEqual([])
  })

  test('that its receivers would refuse', async () => {
    const republishWrong = () => publish(PaymentProcessSuccessfulEvent, { paymentId: '' })
    services = [{ name: 'payment', aggregate: { ...payment, republish: republishWrong } }]
    const { status, body } = await republish()
    expect(status).toBe(409)
    expect(body.detail).toMatch(/PaymentProcessSuccessfulEvent is not as its contract says.*data\.paymentId/)
  })

  test('by others than operators', async () => {
    const answer = await api()({
      method: 'POST',
      path: '/services/payment/o1/republish',
      body: { reason: 'x' },
      sub: 'eve',
    })
    expect(answer.status).toBe(403)
  })
})

test('a secret is shown to nobody, and goes out all the same', async () => {
  const wrong: AnyAggregate = {
    ...order,
    handles: [OrderCreatedEvent],
    decide: () => ({
      kind: 'commit',
      state: { status: 'PENDING', customerId: 'alice', items: [{ productId: 'p', quantity: 2 }], updatedAt: '' },
      publish: [
        publish(OrderCreatedEvent, {
          customerId: 'alice',
          items: [{ productId: 'p', quantity: 1 }],
          paymentMethod: 'tok_canary',
        }),
      ],
    }),
  }
  await commit(wrong, 'o1', { id: 'm', type: 'OrderCreatedEvent', sagaId: 'o1', body: {} })
  const { status, body } = await republish(undefined, '/services/order/o1/republish')
  expect(status).toBe(202)
  expect(JSON.stringify(body)).not.toContain('canary')
  expect(JSON.stringify(log.lines)).not.toContain('canary')
  expect(JSON.stringify(store.items('saga-actions')[0])).not.toContain('canary')
  expect(JSON.parse(String((await relayed())[0]?.value)).data).toEqual({
    customerId: 'alice',
    items: [{ productId: 'p', quantity: 2 }],
    paymentMethod: 'tok_canary',
  })
})

test('what a payment publishes follows from its state, whatever came to it', async () => {
  const outcomes = fc.constantFrom('captured', 'declined', 'cancelled', 'refunded')
  const commands = fc.constantFrom('PaymentProcessCommand', 'PaymentVoidCommand')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(commands, outcomes), { minLength: 1, maxLength: 4 }), async heard => {
      let item: ReturnType<typeof unpackItem<Payment>> | undefined
      for (const [i, [type, outcome]] of heard.entries()) {
        const message: Message = {
          id: `m${i}`,
          type,
          sagaId: 'o1',
          body: { amount: 1, currency: 'EUR', paymentMethod: 'tok', reason: 'x' },
        }
        let call: string | undefined
        for (let calls = 0; calls < 4; calls++) {
          const answer = call === undefined ? {} : { answer: { value: { outcome, paymentId: 'pay-1' }, call } }
          const input = { aggregate: payment, key: 'o1', stored: item, messages: [message], now: NOW }
          const decided = decideBatch({ ...input, ...answer, read: () => undefined })
          item = decided.commit?.stored ?? item
          call = decided.call?.call.name
          if (call === undefined) break
        }
        for (const { type: published, body } of item?.sent ?? []) {
          const again = payment.republish?.(item!.state, { type: published, body, key: 'o1' })
          expect(again?.message.type).toBe(published)
          expect(again?.body).toEqual(body)
        }
      }
    }),
  )
})

test('a service that does not say how its messages follow from its state is none that can be mended', () => {
  expect(silent.republish).toBeUndefined()
  expect(() =>
    aggregate<Payment>('payment', { table: payment.table })
      .handles(PaymentVoidedEvent, { publishes: [], decide: () => ({ kind: 'ignore', why: 'nothing' }) })
      .republishes(PaymentVoidedEvent, () => undefined)
      .build(),
  ).toThrow('payment republishes PaymentVoidedEvent, and does not list it in `publishes` of a message')
})
