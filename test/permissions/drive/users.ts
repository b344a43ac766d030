/** What customers and operators do over HTTP. */
import { expect } from 'vitest'
import { orderPlays } from '../../../localstack/scenarios/order-plays.ts'
import { quotePlays } from '../../../localstack/scenarios/quote-plays.ts'
import { runScenarios } from '../../../localstack/scenarios/run.ts'
import { signToken } from '../../../localstack/runtime/identity.ts'
import { produce } from '../../support/broker-client.ts'
import { operationsOf, pathOf } from '../../support/authorization.ts'
import { sampleOf } from '../../support/schema-values.ts'
import { until } from '../../support/until.ts'
import { whatAliceHas } from '../../support/what-alice-has.ts'
import { age, used, type World } from './world.ts'

/** Orders and quotes down every path that a customer can bring about. */
export async function scenarios({ runtime, quoting }: World) {
  const printed: string[] = []
  const { ok } = await runScenarios({
    url: runtime.url,
    plays: [...orderPlays, ...quotePlays(quoting)],
    token: (sub, groups = []) => signToken({ sub, groups }),
    timeline: runtime.timeline,
    print: text => printed.push(text),
  })
  if (!ok) throw new Error(printed.join('\n'))
}

/** Every route that is published, by who owns what it names and by an operator. */
export async function everyRoute({ quoting, alice, operator, brokers }: World) {
  const fixtures = await whatAliceHas({ alice, operator }, brokers)
  for (const operation of operationsOf(quoting))
    for (const user of [alice, operator]) {
      const json = operation.method === 'POST' ? (operation.body ? sampleOf(operation.body) : {}) : undefined
      const { method } = operation
      const { status, body } = await user.call(pathOf(operation, fixtures), { method, json })
      expect({ status, body }, `${method} ${operation.path}`).toMatchObject({ status: expect.toSatisfy(isAnswer) })
    }
}
const isAnswer = (status: number) => status < 500

interface Saga {
  readonly status: string
  readonly step: string
}

/** A saga that waits, for as long as `consumer` stands still, is asked for again, and given up or led on. */
export async function whatOperatorsDo(world: World) {
  const { alice, operator, quoting } = world
  const reason = 'to see whether it may'
  const running = async (saga: string, id: string) =>
    until(`saga ${id} to run`, 60_000, async () => {
      const { status, body } = await operator.get(`/sagas/${saga}/${id}`)
      return status === 200 && (body as Saga).status === 'RUNNING' && (body as Saga).step !== undefined
    })
  const act = async (path: string, body: object = {}) =>
    expect(await operator.post(path, { reason, ...body }), path).toMatchObject({ status: 202 })

  await operator.product('waits-tea', 10, 350)
  await operator.pause('payment')
  const orderId = await alice.place({ 'waits-tea': 1 }, 'tok_visa')
  await running('order', orderId)
  await act(`/sagas/order/${orderId}/retry`)
  await until('the retry to be seen', 60_000, async () =>
    JSON.stringify((await operator.get(`/sagas/order/${orderId}`)).body).includes('SagaRetry'),
  )
  await age(world, 'sagas', { sagaKey: `order:${orderId}` }, { wakeAt: Date.now() - 1000 })
  await used(world, 'timeouts', 'kafka-cluster:WriteData', '/saga-control')
  await act(`/sagas/order/${orderId}/abort`)
  await operator.resume('payment')
  await alice.end(orderId)

  if (quoting === 'choreography') return
  await operator.pause('customer')
  await operator.post('/customers', { customerId: 'waits', name: 'Waits' })
  await alice.post('/quotes', { quoteID: 'waits', premium: 100, customerId: 'waits' })
  await alice.post('/quotes/waits/approve', {})
  await running('quoting', 'waits')
  await act('/sagas/quoting/waits/retry')
  await operator.resume('customer')
}

/** An order and a quote that have ended, of which every service decides again what it published. */
export async function republished(world: World) {
  const { alice, operator, quoting, brokers } = world
  await operator.product('again-tea', 10, 350)
  const orderId = await alice.place({ 'again-tea': 1 }, 'tok_visa')
  await alice.end(orderId)
  await operator.post('/customers', { customerId: 'again', name: 'Again' })
  await alice.post('/quotes', { quoteID: 'again', premium: 100, customerId: 'again' })
  await alice.post('/quotes/again/approve', {})
  await until(
    'the quote to end',
    60_000,
    async () => ((await alice.get('/quotes/again')).body as { status: string }).status === 'COMPLETED',
  )
  // A number that is set belongs to no quote: in an event store too, it is the customer's own item that says so.
  const set = {
    commandID: 'again-set',
    customerId: 'again',
    commandType: 'UpdateCustomerPolicyCount',
    data: { policyCount: 7 },
  }
  const topic = quoting === 'choreography' ? 'customers' : 'saga-commands'
  await produce(brokers, [{ topic, key: 'again-set', value: JSON.stringify(set) }])
  await until(
    'the number to be set',
    60_000,
    async () => ((await operator.get('/customers/again')).body as { policyCount: number }).policyCount === 7,
  )
  for (const [service, id] of [
    ['order', orderId],
    ['product', orderId],
    ['payment', orderId],
    ['quote', 'again'],
    ['policy', 'again'],
    ['customer', 'again'],
    ['customer', 'cmd:again-set'],
  ] as const) {
    const path = `/services/${service}/${encodeURIComponent(id)}/republish`
    // What an event store holds is not decided again, 409, and may have no item of its own, 404.
    expect([202, 404, 409], path).toContain((await operator.post(path, { reason: 'again' })).status)
  }
  await used(world, 'outbox-relay', 'kafka-cluster:WriteData', '/payments-events')
}
