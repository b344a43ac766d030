/** The operators' API of sagas, on sagas that the orchestrator itself has brought where they are. */
import { beforeEach, describe, expect, test } from 'vitest'
import { silentLog } from '#engine/adapters/memory/log.ts'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import type { Message } from '#engine/model/aggregate.ts'
import { SagaAbort, SagaResolve, SagaRetry } from '#engine/saga/control-messages.ts'
import { decideBatch } from '#engine/delivery/decide-batch.ts'
import { itemKeyOf, type Stored, unpackItem } from '#engine/delivery/stored-item.ts'
import { createRelay } from '#engine/delivery/relay.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import type { SagaState } from '#engine/saga/state.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { sagaAction } from '../../../../lambdas/platform/operations/action.ts'
import { deadLettersTable } from '../../../../lambdas/platform/dead-letters/tables.ts'
import { createOperationsApi } from '../../../../lambdas/platform/operations/api.ts'
import { sagaActionsTable } from '../../../../lambdas/platform/operations/tables.ts'
import { orderSaga } from '../../../../lambdas/sagas/order/saga.ts'
import { quotingSaga } from '../../../../lambdas/sagas/quoting/saga.ts'
import { gatewayTo, recordedLog } from '../../../support/http.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const operator = { sub: 'olga', groups: 'operators' }
const created = { orderId: 'o1', customerId: 'alice', items: [{ productId: 'p', quantity: 1 }], paymentMethod: 'tok' }
const total = { amount: 100, currency: 'EUR' }

let now = NOW
let ids = 0
let store: ReturnType<typeof memoryStore>
let call: ReturnType<typeof gatewayTo>
beforeEach(() => {
  now = NOW
  ids = 0
  store = memoryStore([sagasTable, sagaActionsTable, deadLettersTable])
  const clock = { now: () => now, sleep: () => Promise.resolve() }
  const ports = { store, clock, log: recordedLog(), newId: () => `action-${(ids += 1)}` }
  call = gatewayTo(createOperationsApi({ ...ports, definitions: [orderSaga, quotingSaga], consumers: {} }))
})

/** The saga handles messages, one commit each. */
async function deliver(
  sagaId: string,
  ...messages: readonly (readonly [type: string, body: object, control?: true])[]
) {
  const aggregate = orchestrator(orderSaga)
  for (const [type, body, control] of messages) {
    const ref = itemKeyOf(aggregate, sagaId)
    const [item] = await store.read([ref])
    const message: Message = {
      id: `${type}-${sagaId}-${now}`,
      type,
      sagaId,
      body: body as never,
      ...(control && { control }),
    }
    const stored = item && unpackItem<SagaState>(item)
    const decided = decideBatch({ aggregate, key: sagaId, stored, messages: [message], now, read: () => undefined })
    const commit = decided.commit
    if (commit) await store.commit([{ ref, previous: item, item: commit.stored.item }])
  }
}
const begin = (id: string) => deliver(id, ['OrderCreatedEvent', { ...created, orderId: id }])
const reserved = ['ProductReserveConfirmationEvent', { items: created.items, total }] as const
const paid = ['PaymentProcessSuccessfulEvent', { paymentId: 'pay-1' }] as const
const wake = async (id: string) => {
  const [item] = await store.read([{ table: 'sagas', key: { sagaKey: `order:${id}` } }])
  await deliver(id, ['SagaWakeUp', { saga: 'order', version: Number(item?.['version']) }, true])
}
const action = (kind: string, body: unknown = { reason: 'because' }, id = 'o1') =>
  call({ method: 'POST', path: `/sagas/order/${id}/${kind}`, body, ...operator })
/** What the change feed publishes of the actions. */
async function relayed() {
  const publisher = memoryPublisher()
  const relay = createRelay({ aggregates: [sagaAction], publisher, topicOf: () => 'saga-control', log: silentLog })
  await relay.relay('saga-actions', store.items('saga-actions'))
  return publisher.records()
}

describe('the list', () => {
  test('has sagas by kind and status, the latest first, in pages that neither repeat nor skip', async () => {
    for (let i = 0; i < 45; i++) {
      now = NOW + i * 1000
      await begin(`o${i}`)
    }
    await deliver('o0', reserved, paid, ['OrderApprovedEvent', {}])
    const seen: string[] = []
    let cursor = ''
    do {
      const { status, body } = await call({ path: `/sagas?saga=order&status=RUNNING&limit=20${cursor}`, ...operator })
      expect(status).toBe(200)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      cursor = body.cursor === undefined ? '' : `&cursor=${body.cursor}`
    } while (cursor !== '')
    expect(seen).toHaveLength(44)
    expect(new Set(seen).size).toBe(44)
    expect(seen.slice(0, 2)).toEqual(['o44', 'o43'])
    const all = (await call({ path: '/sagas?limit=100', ...operator })).body.items
    expect(all).toHaveLength(45)
    expect(all.at(-1)).toEqual({
      saga: 'order',
      id: 'o0',
      status: 'COMPLETED',
      step: 'approve',
      updatedAt: '2026-11-21T12:00:44.000Z',
    })
  })

  test('has those that began before a time', async () => {
    await begin('old')
    now += 3_600_000
    await begin('new')
    const { body } = await call({ path: '/sagas?startedBefore=2026-11-21T12:30:00Z', ...operator })
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual(['old'])
    expect(body).not.toHaveProperty('cursor')
  })

  test.each([
    ['?saga=nobody', 'saga'],
    ['?status=BROKEN', 'status'],
    ['?startedBefore=yesterday', 'startedBefore'],
    ['?cursor=x', 'cursor'],
    ['?limit=0', 'limit'],
  ])('says what is wrong with %s', async (query, field) => {
    const { status, body } = await call({ path: `/sagas${query}`, ...operator })
    expect({ status, field: body.errors[0].field }).toEqual({ status: 400, field })
  })
})

describe('a saga', () => {
  test('is shown with what it waits for, its times and its timeline', async () => {
    await begin('o1')
    now += 1500
    await deliver('o1', reserved)
    expect((await call({ path: '/sagas/order/o1', ...operator })).body).toEqual({
      saga: 'order',
      id: 'o1',
      status: 'RUNNING',
      step: 'pay',
      updatedAt: '2026-11-21T12:00:01.500Z',
      version: 1,
      waitingFor: 'PaymentProcessCommand',
      attempt: 1,
      wakesAt: '2026-11-21T12:01:01.500Z',
      deadlineAt: '2026-11-21T12:15:00.000Z',
      deadLetters: [],
      timeline: [
        {
          at: '2026-11-21T12:00:00.000Z',
          step: 'reserve',
          what: 'OrderCreatedEvent',
          ledTo: 'do',
          messageId: `OrderCreatedEvent-o1-${NOW}`,
        },
        {
          at: '2026-11-21T12:00:01.500Z',
          step: 'pay',
          what: 'ProductReserveConfirmationEvent',
          ledTo: 'do',
          messageId: `ProductReserveConfirmationEvent-o1-${NOW + 1500}`,
        },
      ],
    })
  })

  test('that is not there, or of a kind that is not there, is 404', async () => {
    for (const path of ['/sagas/order/none', '/sagas/none/o1'])
      expect((await call({ path, ...operator })).status).toBe(404)
  })

  test('and every action is for operators alone', async () => {
    await begin('o1')
    for (const path of ['/sagas', '/sagas/order/o1']) expect((await call({ path })).status).toBe(403)
    for (const kind of ['retry', 'abort', 'resolve'])
      expect((await call({ method: 'POST', path: `/sagas/order/o1/${kind}`, body: { reason: 'x' } })).status).toBe(403)
    expect(store.items('saga-actions')).toEqual([])
  })
})

describe('an action', () => {
  test('is recorded with who and why, and told to the saga by the change feed', async () => {
    await begin('o1')
    const { status, body } = await action('retry', { reason: 'the service was away' })
    expect({ status, body }).toMatchObject({ status: 202, body: { saga: 'order', id: 'o1', status: 'RUNNING' } })
    expect(store.items('saga-actions')).toMatchObject([
      {
        kind: 'retry',
        sagaId: 'o1',
        by: 'olga',
        reason: 'the service was away',
        seenVersion: 1,
        publishByChangeFeed: true,
      },
    ])
    const [record] = await relayed()
    expect(record).toMatchObject({ topic: 'saga-control', key: 'o1' })
    expect(JSON.parse(String(record?.value))).toEqual({
      commandID: 'saga-action:action-1.1.0',
      sagaId: 'o1',
      commandType: 'SagaRetry',
      data: { saga: 'order', version: 1, reason: 'the service was away', by: 'olga' },
    })
    await deliver('o1', [
      SagaRetry.type,
      { saga: 'order', version: 1, reason: 'the service was away', by: 'olga' },
      true,
    ])
    const { timeline } = (await call({ path: '/sagas/order/o1', ...operator })).body
    expect(timeline.at(-1)).toMatchObject({ what: 'SagaRetry', by: 'olga', reason: 'the service was away' })
  })

  test('needs a reason', async () => {
    await begin('o1')
    for (const kind of ['retry', 'abort', 'resolve']) {
      const { status, body } = await action(kind, { outcome: 'done' })
      expect({ status, field: body.errors[0].field }).toEqual({ status: 400, field: 'reason' })
    }
  })

  test('abort is refused past the point of no return, and when it is being undone', async () => {
    await begin('o1')
    await deliver('o1', reserved, paid)
    expect((await action('abort')).body).toMatchObject({
      status: 409,
      detail: expect.stringContaining('point of no return'),
    })
    await begin('o2')
    await deliver('o2', reserved, ['PaymentFailedEvent', { reason: 'CARD_DECLINED' }])
    expect((await action('abort', { reason: 'x' }, 'o2')).body).toMatchObject({
      status: 409,
      detail: expect.stringContaining('being undone already'),
    })
    await begin('o3')
    expect((await action('abort', { reason: 'x' }, 'o3')).status).toBe(202)
    await deliver('o3', [SagaAbort.type, { saga: 'order', version: 1, reason: 'x', by: 'olga' }, true])
    expect((await call({ path: '/sagas/order/o3', ...operator })).body).toMatchObject({
      status: 'COMPENSATING',
      reason: 'ABORTED',
    })
  })

  test('nothing is left to do with a saga that has ended', async () => {
    await begin('o1')
    await deliver('o1', reserved, paid, ['OrderApprovedEvent', {}])
    for (const kind of ['retry', 'abort'])
      expect((await action(kind)).body).toMatchObject({ status: 409, detail: expect.stringContaining('COMPLETED') })
    expect((await action('resolve', { reason: 'x', outcome: 'done' })).status).toBe(409)
  })

  test('resolve takes the missing reply’s data, and says what is wrong with it', async () => {
    await begin('o1')
    await deliver('o1', reserved)
    const without = await action('resolve', { reason: 'seen in the ledger', outcome: 'done' })
    expect(without.body).toMatchObject({
      status: 400,
      detail: expect.stringMatching(/reply: .*PaymentProcessSuccessfulEvent.*paymentId/),
    })
    const done = { reason: 'seen in the ledger', outcome: 'done', reply: { paymentId: 'pay-9' } }
    for (const [reply, field] of [
      [{ paymentId: 'pay-9', paymentID: 'pay-9' }, 'reply.paymentID'],
      [{ type: 'PaymentProcessSuccessfulEvent', data: { paymentId: 'pay-9', note: 'x' } }, 'reply.data.note'],
      [{ data: { paymentId: 'pay-9' }, typ: 'x' }, 'reply.typ'],
    ] as const)
      expect((await action('resolve', { ...done, reply })).body).toMatchObject({ status: 400, errors: [{ field }] })
    expect(await relayed()).toEqual([])
    expect((await action('resolve', done)).status).toBe(202)
    const [record] = await relayed()
    expect(JSON.parse(String(record?.value)).data).toMatchObject({ outcome: 'done', reply: { paymentId: 'pay-9' } })
  })

  test('refused needs no reply where the step is taken back anyway', async () => {
    await begin('o1')
    await deliver('o1', reserved)
    expect((await action('resolve', { reason: 'the provider is down', outcome: 'refused' })).status).toBe(202)
    const [record] = await relayed()
    expect(JSON.parse(String(record?.value)).data).toMatchObject({ outcome: 'refused' })
  })

  test('refused at a point of no return that nothing settles is a conflict: it may still be carried out', async () => {
    const key = { sagaKey: 'quoting:q1' }
    const aggregate = orchestrator(quotingSaga)
    let stored: Stored<SagaState> | undefined
    for (const [type, body] of [
      ['QuoteApproved', { quoteID: 'q1', premium: 1, customerId: 'c1' }],
      ['PolicyCreated', { quoteID: 'q1', policyID: 'p1', customerId: 'c1' }],
      ['CustomerPolicyCountUpdated', { quoteID: 'q1', customerId: 'c1', policyCount: 1 }],
    ] as const) {
      const message: Message = { id: type, type, sagaId: 'q1', body }
      stored = decideBatch({ aggregate, key: 'q1', stored, messages: [message], now, read: () => undefined }).commit
        ?.stored
    }
    await store.commit([{ ref: { table: 'sagas', key }, previous: undefined, item: stored?.item ?? key }])
    const resolve = { reason: 'x', outcome: 'refused', reply: { reason: 'x', version: 3 } }
    const { body } = await call({ method: 'POST', path: '/sagas/quoting/q1/resolve', body: resolve, ...operator })
    expect(body).toMatchObject({
      status: 409,
      detail: expect.stringContaining('CompleteQuote may still be carried out'),
    })
    const control = { ...resolve, saga: 'quoting', version: stored?.version, by: 'olga' }
    const message: Message = { id: 'r', type: SagaResolve.type, sagaId: 'q1', control: true, body: control }
    const decided = decideBatch({ aggregate, key: 'q1', stored, messages: [message], now, read: () => undefined })
    expect(decided.commit?.stored.state).toMatchObject({ status: 'RUNNING', step: 'complete-quote' })
  })

  test('a compensation cannot be refused', async () => {
    await begin('o1')
    await deliver('o1', reserved, ['PaymentFailedEvent', { reason: 'CARD_DECLINED' }])
    const { body } = await action('resolve', { reason: 'x', outcome: 'refused' })
    expect(body).toMatchObject({
      status: 409,
      detail: expect.stringContaining('ProductReserveCancelCommand cannot be refused'),
    })
  })

  test('leads a STUCK saga on', async () => {
    await begin('o1')
    await deliver('o1', reserved, ['PaymentFailedEvent', { reason: 'CARD_DECLINED' }])
    for (let i = 0; i < 10; i++) {
      now += 121_000
      await wake('o1')
    }
    const { body } = await call({ path: '/sagas/order/o1', ...operator })
    expect(body).toMatchObject({ status: 'STUCK', waitingFor: 'ProductReserveCancelCommand', attempt: 10 })
    expect(body.lastError).toContain('ProductReserveCancelCommand was sent 10 times')
    expect((await call({ path: '/sagas?status=STUCK', ...operator })).body.items).toHaveLength(1)
    expect(
      (await action('resolve', { reason: 'cancelled by hand', outcome: 'done', reply: { reason: 'x' } })).status,
    ).toBe(202)
    const version = Number((await store.read([{ table: 'sagas', key: { sagaKey: 'order:o1' } }]))[0]?.['version'])
    const resolve = {
      saga: 'order',
      version,
      outcome: 'done',
      reply: { reason: 'x' },
      by: 'olga',
      reason: 'cancelled by hand',
    }
    await deliver('o1', ['SagaResolve', resolve, true])
    expect((await call({ path: '/sagas/order/o1', ...operator })).body).toMatchObject({
      status: 'COMPENSATING',
      waitingFor: 'OrderRejectCommand',
    })
  })
})
