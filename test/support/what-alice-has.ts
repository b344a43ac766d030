/** On a running system: an order, a quote and a policy of alice's, and a dead letter for operators. */
import { produce } from './broker-client.ts'
import type { Fixtures } from './authorization.ts'
import type { HttpClient } from './http-client.ts'
import { until } from './until.ts'

interface Users {
  readonly alice: HttpClient
  readonly operator: HttpClient
}

/** Makes them; once each on a system. `prefix`: of its topics. Throws what was answered when one can't be made. */
export async function whatAliceHas({ alice, operator }: Users, brokers: string, prefix = ''): Promise<Fixtures> {
  const price = { amount: 450, currency: 'EUR' }
  await made(operator, '/products', { productId: 'tea-of-alice', name: 'Tea', price, stock: 9 })
  const lines = [{ productId: 'tea-of-alice', quantity: 1 }]
  const { orderId } = await made(alice, '/orders', { items: lines, paymentMethod: 'tok_visa' })
  await made(operator, '/customers', { customerId: 'carol-of-alice', name: 'Carol' })
  await made(alice, '/quotes', { quoteID: 'quote-of-alice', customerId: 'carol-of-alice', premium: 100 })
  const { policyID } = await made(alice, '/quotes/quote-of-alice/approve', {})
  await produce(brokers, [{ topic: `${prefix}orders-commands`, key: 'poison-of-alice', value: 'no JSON' }])
  const letter = await until('a dead letter', 20_000, async () => {
    const { items } = (await operator.get('/dead-letters?limit=100')).body as { items: { id: string; key: string }[] }
    return items.find(({ key }) => key === 'poison-of-alice')
  })
  return {
    'products.productId': 'tea-of-alice',
    'orders.orderId': String(orderId),
    'customers.customerId': 'carol-of-alice',
    'quotes.quoteID': 'quote-of-alice',
    'policies.policyID': String(policyID),
    'sagas.saga': 'order',
    'sagas.id': String(orderId),
    'services.service': 'order',
    'services.id': String(orderId),
    'dead-letters.id': letter.id,
  }
}

async function made(as: HttpClient, path: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await as.post(path, body, { prefer: 'wait=20' })
  if (answer.status !== 200 && answer.status !== 201)
    throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body as Record<string, unknown>
}
