/** Every route of a wiring in one process: the local gateway, which checks tokens, before the APIs on memory adapters. */
import { lambdaHandler, type ProxyEvent } from '#engine/http/lambda.ts'
import { healthRoute, HEALTHY } from '#engine/http/health.ts'
import type { ApiEnv } from '#engine/http/api.ts'
import { consumersTable } from '#engine/delivery/failure-entry.ts'
import { deadLetter } from '#engine/delivery/dead-letter.ts'
import { mendableOf } from '#engine/catalog/catalog.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { systemClock } from '#engine/adapters/node/clock.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import type { Hono } from 'hono'
import type { LocalFunction } from '../../../localstack/runtime/functions/function.ts'
import { askFunctions } from '../../../localstack/runtime/gateway/ask-functions.ts'
import { startGateway } from '../../../localstack/runtime/gateway/gateway.ts'
import { catalogFor } from '../../../lambdas/catalog.ts'
import { deadLettersTable } from '../../../lambdas/platform/dead-letters/tables.ts'
import { createOperationsApi } from '../../../lambdas/platform/operations/api.ts'
import { sagaActionsTable } from '../../../lambdas/platform/operations/tables.ts'
import type { Quoting } from '../../../lambdas/quoting.ts'
import { orderSaga } from '../../../lambdas/sagas/order/saga.ts'
import { quotingSaga } from '../../../lambdas/sagas/quoting/saga.ts'
import type { Fixtures } from '../../support/authorization.ts'
import { readBack, record } from '../../support/dead-letters.ts'
import { lettersOfSamples } from './letters.ts'
import { gatewayTo, recordedLog } from '../../support/http.ts'
import { quotingSystem, smallSystem } from './small-system.ts'

export interface WholeApi {
  /** `http://127.0.0.1:…` */
  readonly url: string
  /** What alice has made, and what there is for operators. */
  readonly fixtures: Fixtures
  /** What the gateway complained of. */
  readonly complaints: readonly string[]
  stop(): Promise<void>
}

/** What the deployment tells the operators' API. */
const consumersOf = (quoting: Quoting) =>
  readCatalog(catalogFor({ quoting })).functions.find(({ consumers }) => consumers)?.consumers ?? {}

/** Throws for a function with routes that nobody says how to run here. */
export async function wholeApi(quoting: Quoting, key: Uint8Array): Promise<WholeApi> {
  const orders = smallSystem()
  const quotes = quotingSystem(quoting)
  const letters = lettersOfSamples()
  const services = mendableOf(catalogFor({ quoting }))
  const store = memoryStore([
    sagasTable,
    sagaActionsTable,
    deadLettersTable,
    consumersTable,
    ...services.map(({ aggregate }) => aggregate.table),
  ])
  const operations = createOperationsApi({
    store,
    clock: systemClock,
    log: recordedLog(),
    newId: () => crypto.randomUUID(),
    definitions: [orderSaga, quotingSaga],
    services,
    consumers: consumersOf(quoting),
  })
  const apps: Readonly<Record<string, Hono<ApiEnv>>> = {
    'order-api': orders.app,
    'product-api': orders.app,
    'quote-api': quotes.app,
    'policy-api': quotes.app,
    'customer-api': quotes.app,
    'dead-letters-api': letters.app,
    operations,
  }
  const served = readCatalog(catalogFor({ quoting })).functions.filter(({ routes }) => routes.length > 0)
  const functions = new Map(
    served.map(({ name }): [string, LocalFunction] => {
      const app = apps[name]
      if (!app) throw new Error(`test/domains/samples/whole-api.ts: say what answers the routes of ${name}`)
      const handler = lambdaHandler(app)
      return [
        name,
        {
          name,
          timeoutSeconds: 29,
          invoke: event => handler(event as ProxyEvent),
          stats: () => Promise.reject(new Error('not counted')),
          stop: async () => {},
        },
      ]
    }),
  )
  const complaints: string[] = []
  const gateway = await startGateway({
    port: 0,
    key,
    show: line => void complaints.push(line),
  })
  const health = { kind: 'mock', status: 200, body: JSON.stringify(HEALTHY), contentType: 'application/json' } as const
  gateway.open(
    [
      { method: healthRoute.method, path: healthRoute.path, authorized: false, target: health },
      ...served.flatMap(({ name, routes }) =>
        routes.map(({ method, path }) => ({
          method,
          path,
          authorized: true,
          target: { kind: 'function', functionName: name } as const,
        })),
      ),
    ],
    askFunctions(functions, { unavailable: () => undefined, show: line => void complaints.push(line) }),
    [],
  )

  const fixtures = {
    ...(await madeOrder(orders.app)),
    ...(await madeQuote(quotes.app)),
    'sagas.saga': 'order',
    'services.service': 'order',
    'dead-letters.id': await madeLetter(letters),
  }
  await store.writeRows(
    orders.store
      .items('orders')
      .map(item => ({ ref: { table: 'orders', key: { orderId: item['orderId'] as string } }, item })),
  )
  await store.writeRows(
    orders.store
      .items('sagas')
      .map(item => ({ ref: { table: 'sagas', key: { sagaKey: item['sagaKey'] as string } }, item })),
  )
  return {
    url: gateway.url,
    fixtures: { ...fixtures, 'sagas.id': fixtures['orders.orderId'], 'services.id': fixtures['orders.orderId'] },
    complaints,
    stop: () => gateway.stop(),
  }
}

const asOperator = { sub: 'olga', groups: 'operators' }

async function madeOrder(app: Hono<ApiEnv>) {
  const call = gatewayTo(app)
  const price = { amount: 450, currency: 'EUR' }
  await call({
    method: 'POST',
    path: '/products',
    body: { productId: 'tea', name: 'Tea', price, stock: 9 },
    ...asOperator,
  })
  const order = { items: [{ productId: 'tea', quantity: 1 }], paymentMethod: 'tok_visa' }
  const { body } = await call({ method: 'POST', path: '/orders', body: order })
  return { 'products.productId': 'tea', 'orders.orderId': body.orderId as string }
}

async function madeQuote(app: Hono<ApiEnv>) {
  const call = gatewayTo(app)
  await call({ method: 'POST', path: '/customers', body: { customerId: 'carol', name: 'Carol' }, ...asOperator })
  await call({ method: 'POST', path: '/quotes', body: { quoteID: 'q-alice', customerId: 'carol', premium: 100 } })
  await call({ method: 'POST', path: '/quotes/q-alice/approve' })
  const { body } = await call({ path: '/quotes/q-alice' })
  return { 'customers.customerId': 'carol', 'quotes.quoteID': 'q-alice', 'policies.policyID': body.policyID as string }
}

async function madeLetter(letters: ReturnType<typeof lettersOfSamples>) {
  const about = { reason: 'NOT_JSON', error: 'it is no JSON', consumer: 'order', attempts: 1 } as const
  await letters.index([readBack(deadLetter(record({ key: 'o1', value: '{' }), about))])
  const { body } = await letters.get('/dead-letters')
  return body.items[0].id as string
}
