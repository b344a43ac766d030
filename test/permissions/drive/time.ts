/** What the clock brings: orders and quotes whose change the feed has lost are found, and published again. */
import { produce } from '../../support/broker-client.ts'
import { until } from '../../support/until.ts'
import { age, used, type World } from './world.ts'

const HOUR_MS = 60 * 60_000
const iso = (ms: number) => new Date(ms).toISOString()

export async function lateOrder(world: World) {
  const { alice, brokers, operator } = world
  await operator.product('late-tea', 10, 350)
  await operator.pause('order-saga')
  const orderId = await alice.place({ 'late-tea': 1 }, 'tok_visa')
  // Something of this order's is a dead letter, though not what begins its saga: that is looked up.
  await produce(brokers, [{ topic: 'orders-events.dlq', key: orderId, value: 'no JSON' }])
  await age(world, 'orders', { orderId }, { createdAt: iso(Date.now() - HOUR_MS) })
  await used(world, 'timeouts', 'dynamodb:BatchGetItem', '/dead-letters')
  await used(world, 'timeouts', 'kafka-cluster:WriteData', '/orders-events')
  await operator.resume('order-saga')
  await alice.end(orderId)
}

/**
 * In choreography a quote is reminded of in some minutes of its age; elsewhere it is asked for its saga, and its approval
 * is published again if it has none.
 */
export async function lateQuote(world: World) {
  const { alice, operator, quoting } = world
  const first = quoting === 'orchestration' ? 'quoting-saga' : 'policy'
  const quoteID = 'late'
  await operator.post('/customers', { customerId: 'late', name: 'Late' })
  await operator.pause(first)
  await alice.post('/quotes', { quoteID, premium: 100, customerId: 'late' })
  await alice.post(`/quotes/${quoteID}/approve`, {})
  await age(world, 'quotes', { quoteID }, { remindAt: Date.now() - HOUR_MS, approvedAt: iso(Date.now() - 90_000) })
  await used(world, 'timeouts', 'dynamodb:BatchGetItem', '/quotes')
  if (quoting === 'orchestration') await used(world, 'timeouts', 'kafka-cluster:WriteData', '/saga-events')
  if (quoting === 'choreography') await used(world, 'timeouts', 'kafka-cluster:WriteData', '/quotes')
  await operator.resume(first)
  await until('the end of a late quote', 60_000, async () =>
    ['COMPLETED', 'REJECTED'].includes((await alice.get(`/quotes/${quoteID}`)).body.status as string),
  )
}
