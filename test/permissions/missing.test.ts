/** A grant of each sort taken away, on the real servers: the run ends with who may not do what on what. */
import { afterEach, expect, test } from 'vitest'
import { PermissionDenied, placeOf } from '../../localstack/runtime/permissions/permission-report.ts'
import type { Granted } from '../../localstack/runtime/permissions/uses.ts'
import { until } from '../support/until.ts'
import { age, worldOf } from './drive/world.ts'
import { type Guarded, startGuarded } from './guarded.ts'

let guarded: Guarded | undefined
afterEach(async () => {
  await guarded?.stop()
  guarded = undefined
})

/** Who, what, on what: `table/orders`. */
type Grant = readonly [functionName: string, action: string, place: string]

/** Throws for a grant that is not there: nothing would be taken away. */
const without =
  (...grants: readonly Grant[]) =>
  (granted: Granted): Granted => {
    const left = new Map([...granted].map(([name, permissions]) => [name, [...permissions]]))
    for (const [name, action, place] of grants) {
      const permissions = left.get(name) ?? []
      const at = permissions.findIndex(one => one.action === action && placeOf(one.resource) === place)
      if (at < 0) throw new Error(`take another grant away here: ${name} has no ${action} on ${place} any more`)
      permissions.splice(at, 1)
    }
    return left
  }
const lineOf = ([name, action, place]: Grant) => `${name} may not ${action} on ${place}: add `
const topic = (name: string) => `topic/recourse-local/local/${name}`
const group = (name: string) => `group/recourse-local/local/${name}`

test('what the pollers need to begin', async () => {
  const grants: readonly Grant[] = [
    ['order', 'kafka-cluster:AlterGroup', group('order.orders-commands')],
    ['product', 'kafka-cluster:DescribeGroup', group('product.products-commands')],
    ['quote', 'kafka-cluster:DescribeTopic', topic('saga-events')],
    ['policy', 'kafka-cluster:ReadData', topic('saga-commands')],
    ['payment', 'kafka-cluster:Connect', 'cluster/recourse-local/local'],
  ]
  const error: unknown = await startGuarded('orchestration', without(...grants)).then(
    made => (guarded = made),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(PermissionDenied)
  expect((error as PermissionDenied).message.split('\n').toSorted()).toEqual(
    grants
      .map(lineOf)
      .toSorted()
      .map(line => expect.stringContaining(line)),
  )
})

test('what functions and the readers of change feeds do', async () => {
  const grants: readonly Grant[] = [
    ['order-api', 'dynamodb:Query', 'table/orders/index/byCustomer'],
    ['order-api', 'dynamodb:Query', 'table/orders-history'],
    ['product-api', 'dynamodb:PutItem', 'table/products'],
    ['outbox-relay', 'dynamodb:GetRecords', 'table/saga-actions/stream/local'],
    ['outbox-relay', 'kafka-cluster:DescribeTopic', topic('orders-events')],
    ['timeouts', 'kafka-cluster:WriteData', topic('orders-events')],
    ['timeouts', 'dynamodb:Query', 'table/sagas/index/byStatus'],
  ]
  guarded = await startGuarded('orchestration', without(...grants))
  const world = await worldOf(guarded, 'orchestration')
  const { alice, operator, uses, runtime } = world
  const failed = expect(runtime.failed).rejects.toThrow(PermissionDenied)
  const order = { items: [{ productId: 'tea', quantity: 1 }], paymentMethod: 'tok_visa' }
  const price = { amount: 450, currency: 'EUR' }
  expect((await operator.post('/products', { productId: 'tea', name: 'Tea', price, stock: 1 })).status).toBe(500)
  const { orderId } = (await alice.post('/orders', order)).body as { orderId: string }
  await age(world, 'orders', { orderId }, { createdAt: new Date(0).toISOString() })
  expect((await alice.get('/orders')).status).toBe(500)
  expect((await alice.get(`/orders/${orderId}/history`)).status).toBe(500)
  const isDenied = ([name, action, place]: Grant) =>
    uses.some(
      ({ functionName, allowed, ...use }) =>
        !allowed && functionName === name && use.action === action && placeOf(use.resource) === place,
    )
  await until(
    'all to be denied',
    60_000,
    () => grants.every(isDenied),
    () => grants.filter(grant => !isDenied(grant)),
  )
  expect(uses.filter(({ allowed }) => !allowed)).toHaveLength(grants.length)
  await failed
})
