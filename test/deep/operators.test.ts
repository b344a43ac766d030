/** STUCK on the real system: seen, counted for the alarm, and each of the three actions leads where the documents say. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { useUpAttempts } from '../support/aged.ts'
import { drained, readAll } from '../support/broker-client.ts'
import { cliOf } from '../support/cli.ts'
import type { HttpClient, Operator } from '../support/http-client.ts'
import { giveUpAsLambda } from '../support/lambda-failure.ts'
import { launch, type System, tellWhenFailed } from '../support/system.ts'
import { allItems } from '../support/table-items.ts'
import { usersAfterScenarios } from '../support/users.ts'
import { until } from '../support/until.ts'

const STOCK = 10
const PRODUCT = 'op-tea'

let system: System
let operator: Operator
let alice: HttpClient
beforeAll(async () => {
  system = await launch({ env: { SWEEP_SECONDS: '1' } })
  ;({ operator, alice } = await usersAfterScenarios(system))
  await operator.product(PRODUCT, STOCK, 350)
}, 180_000)
beforeEach(tellWhenFailed(() => system))
afterEach(() => Promise.all(['payment', 'product', 'order'].map(resume)))
afterAll(() => system.destroy())

interface Saga {
  readonly id: string
  readonly status: string
  readonly step: string
  readonly waitingFor?: string
  readonly lastError?: string
  readonly timeline: readonly { what: string; ledTo: string; by?: string; reason?: string }[]
}
const sagaOf = async (id: string) => (await operator.get(`/sagas/order/${id}`)).body as Saga
const reaches = (id: string, what: string, is: (saga: Saga) => boolean) => {
  let saga: Saga | undefined
  return until(
    `${id} to be ${what}`,
    30_000,
    async () => {
      saga = await sagaOf(id)
      return is(saga) && saga
    },
    () => saga,
  )
}
const act = (id: string, action: 'retry' | 'abort' | 'resolve', body: object = {}) =>
  operator.post(`/sagas/order/${id}/${action}`, { reason: `${action} by test`, ...body })
const pause = (name: string) => operator.pause(name)
const resume = (name: string) => operator.resume(name)

/** An order whose payment is declined while nobody gives stock back: its compensation runs out of attempts. */
async function stuckInCompensation(): Promise<string> {
  await pause('payment')
  const id = await alice.place({ [PRODUCT]: 1 }, 'tok_declined')
  await reaches(id, 'at its payment', ({ step }) => step === 'pay')
  await pause('product')
  await resume('payment')
  await reaches(id, 'COMPENSATING', ({ status }) => status === 'COMPENSATING')
  await useUpAttempts(system.endpoint, 'order', id)
  await reaches(id, 'STUCK', ({ status }) => status === 'STUCK')
  return id
}
const counted = async (metric: string) => {
  return [...(await system.logs()).matchAll(new RegExp(`^order-saga .*"${metric}":(\\d+)`, 'gm'))]
    .map(([, value]) => Number(value))
    .reduce((sum, value) => sum + value, 0)
}

test('a compensation that always fails is STUCK: listed, explained, counted; retry leads on when the service is back', async () => {
  const before = await counted('sagasStuck')
  const id = await stuckInCompensation()
  const listed = (await operator.get('/sagas?saga=order&status=STUCK')).body.items as Saga[]
  expect(listed.map(saga => saga.id)).toEqual([id])
  expect(await sagaOf(id)).toMatchObject({
    step: 'reserve',
    waitingFor: 'ProductReserveCancelCommand',
    lastError: expect.stringContaining('ProductReserveCancelCommand was sent 1000 times'),
  })
  await until('the metric of the alarm', 10_000, async () => (await counted('sagasStuck')) === before + 1)
  expect((await alice.get(`/orders/${id}`)).body.status).toBe('PENDING')
  expect((await act(id, 'abort')).status).toBe(409)

  const command = (await readAll(system.brokers, ['products-commands'])).find(
    ({ headers, key }) => key?.toString() === id && headers['ce_type'] === 'ProductReserveCancelCommand',
  )
  if (!command) throw new Error('nobody asked for the stock')
  await giveUpAsLambda(system.brokers, 'product', command)
  await resume('product')
  const retry = ['sagas', 'retry', 'order', id, '--reason', 'product is back', '--wait']
  const { stdout } = await cliOf(system.url, ...retry)
  expect(stdout).toContain(id)
  expect(await alice.end(id)).toMatchObject({ status: 'REJECTED', reason: 'CARD_DECLINED' })
  expect((await reaches(id, 'ABORTED', ({ status }) => status === 'ABORTED')).timeline).toContainEqual(
    expect.objectContaining({ what: 'SagaRetry', by: expect.any(String), reason: 'product is back', ledTo: 'undo' }),
  )
  expect(await alice.stockOf(PRODUCT)).toBe(STOCK)
  expect((await operator.get('/sagas?saga=order&status=STUCK')).body.items).toEqual([])
})

test('resolve says what the missing reply was: the saga ends at once, the late command is harmless', async () => {
  const id = await stuckInCompensation()
  expect(await act(id, 'resolve', { outcome: 'refused' })).toMatchObject({ status: 409 })
  expect(await act(id, 'resolve', { outcome: 'done' })).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'reply', message: expect.stringContaining('reason') }] },
  })
  expect((await act(id, 'resolve', { outcome: 'done', reply: { reason: 'CARD_DECLINED' } })).status).toBe(202)
  expect(await alice.end(id)).toMatchObject({ status: 'REJECTED', reason: 'CARD_DECLINED' })
  const { timeline } = await reaches(id, 'ABORTED', ({ status }) => status === 'ABORTED')
  expect(timeline).toContainEqual(
    expect.objectContaining({ what: 'SagaResolve', by: 'olga', reason: 'resolve by test', ledTo: 'abort' }),
  )
  // The command still waits on its topic.
  await resume('product')
  await drained(system.brokers)
  expect(await alice.stockOf(PRODUCT)).toBe(STOCK)
  expect((await act(id, 'retry')).status).toBe(409)
})

test('abort gives up what has not reached its point of no return: undone, rejected, not charged', async () => {
  await pause('payment')
  const id = await alice.place({ [PRODUCT]: 2 }, 'tok_visa')
  await reaches(id, 'at its payment', ({ step }) => step === 'pay')
  expect((await act(id, 'abort')).status).toBe(202)
  await reaches(id, 'COMPENSATING', ({ status }) => status === 'COMPENSATING')
  await resume('payment')
  expect(await alice.end(id)).toMatchObject({ status: 'REJECTED', reason: 'ABORTED' })
  await drained(system.brokers)
  expect(await alice.stockOf(PRODUCT)).toBe(STOCK)
  expect((await operator.chargesOf(id)).filter(({ status }) => status === 'CAPTURED')).toEqual([])
  expect((await sagaOf(id)).timeline).toContainEqual(
    expect.objectContaining({ what: 'SagaAbort', by: 'olga', reason: 'abort by test', ledTo: 'settle' }),
  )
})

test('past the point of no return: no abort, no refusal; retry leads on', async () => {
  await pause('order')
  const id = await alice.place({ [PRODUCT]: 1 }, 'tok_visa')
  await reaches(id, 'at its approval', ({ step }) => step === 'approve')
  await useUpAttempts(system.endpoint, 'order', id)
  await reaches(id, 'STUCK', ({ status }) => status === 'STUCK')
  expect(await act(id, 'abort')).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('only retry and resolve lead on') },
  })
  expect((await act(id, 'resolve', { outcome: 'refused' })).status).toBe(409)
  await resume('order')
  expect((await act(id, 'retry')).status).toBe(202)
  expect(await alice.end(id)).toMatchObject({ status: 'APPROVED', total: { amount: 350 } })
  expect((await operator.chargesOf(id)).map(({ status }) => status)).toEqual(['CAPTURED'])
  expect(await alice.stockOf(PRODUCT)).toBe(STOCK - 1)
})

test('a consumer that reads its topic from the beginning again changes nothing', async () => {
  await drained(system.brokers)
  const before = await allItems(system.endpoint)
  const charges = await operator.charges()
  const replay = [
    'replay',
    '--topic',
    'payments-commands',
    '--from',
    'beginning',
    '--brokers',
    system.brokers,
    '--wait',
  ]
  const cli = (consumer: string) => cliOf(system.url, ...replay, '--consumer', consumer)
  expect((await cli('payment')).stdout).toMatch(/payment reads [1-9]\d* records of payments-commands again/)
  await drained(system.brokers)
  expect(await allItems(system.endpoint)).toEqual(before)
  expect(await operator.charges()).toEqual(charges)
  await expect(cli('nobody')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no consumer group nobody.payments-commands'),
  })
})
