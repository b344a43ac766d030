import * as z from 'zod'
import { type ApiContext, createApi } from '#engine/http/api.ts'
import { readBody } from '#engine/http/body.ts'
import type { ApiPorts } from '#engine/http/api-ports.ts'
import { Id, idParam } from '#engine/http/ids.ts'
import { encodeCursor, readPage } from '#engine/http/paging.ts'
import { serve, showing } from '#engine/http/route.ts'
import { waitSecondsOf, waitUntil } from '#engine/http/prefer.ts'
import { HttpProblem, notFound } from '#engine/http/problem.ts'
import { commitFromHttp } from '#engine/delivery/http-commit.ts'
import type { Item } from '#engine/model/ports.ts'
import { fingerprintOf, orderIdOf, type PlaceOrder, readIdempotencyKey } from './place-order.ts'
import { OrderShown, orderRoutes } from './routes.ts'
import { create, order as orders } from './rules.ts'
import { ordersHistoryTable, ordersTable } from './tables.ts'

/**
 * `POST /orders`, `GET /orders`, `GET /orders/{orderId}`, `GET /orders/{orderId}/history`. An order belongs to the token's
 * `sub`; operators read everybody's by id. Placing one commits it as PENDING; the change feed tells the saga.
 */
export function createOrderApi(ports: ApiPorts) {
  return serve(createApi(ports.log), orderRoutes, {
    placeOrder: c => placeOrder(c, ports),
    listOrders: c => listOrders(c, ports),
    showOrder: async c => c.json(shown(await readOrder(c, ports))),
    showOrderHistory: c => showHistory(c, ports),
  })
}

/** Seconds after which an order that was accepted has usually ended. */
const RETRY_AFTER_SECONDS = 1

async function placeOrder(c: ApiContext, ports: ApiPorts): Promise<Response> {
  const { sub: customerId } = c.var.identity
  const idempotencyKey = readIdempotencyKey(c.req.header('idempotency-key'))
  const order = await readBody(c, orderRoutes.placeOrder.body)
  const orderId = idempotencyKey === undefined ? ports.newId() : orderIdOf(customerId, idempotencyKey)
  await createOrder(
    ports,
    orderId,
    { customerId, ...order },
    idempotencyKey === undefined ? undefined : fingerprintOf(order),
  )

  const seconds = waitSecondsOf(c.req.header('prefer'))
  const read = async () => (await ports.store.read([refOf(orderId)]))[0]
  const ended = await waitUntil(
    { clock: ports.clock, seconds, hungUp: c.env.hungUp },
    read,
    item => item['status'] !== 'PENDING',
  )
  c.header('location', `/orders/${orderId}`)
  if (seconds > 0) c.header('preference-applied', `wait=${seconds}`)
  if (ended) return c.json(shown(ended))
  c.header('retry-after', String(RETRY_AFTER_SECONDS))
  return c.json({ orderId, status: 'PENDING' }, 202)
}

/** Commits the order if there is none under its id. Throws 422 if there is another. */
async function createOrder(
  { store, clock }: ApiPorts,
  orderId: string,
  body: PlaceOrder & { customerId: string },
  fingerprint: string | undefined,
): Promise<void> {
  const now = clock.now()
  const { state, publish } = create(body, { now, ...(fingerprint === undefined ? {} : { fingerprint }) })
  const { outcome, item } = await commitFromHttp({ store, aggregate: orders, key: orderId, state, publish, now })
  if (outcome === 'exists' && (item['customerId'] !== body.customerId || item['fingerprint'] !== fingerprint))
    throw new HttpProblem('key-reused', {
      detail: 'Idempotency-Key: this key was used with another order. Send a new key, or the same body.',
      errors: [{ field: 'Idempotency-Key', message: 'was used with another body' }],
    })
}

/** A cursor's content: when the last order was made, and its id. */
const Position = z.tuple([z.iso.datetime(), Id])

/** The caller's own, newest first. */
async function listOrders(c: ApiContext, { store }: ApiPorts): Promise<Response> {
  const customerId = c.var.identity.sub
  const { limit, after } = readPage(c, Position)
  const page = await store.query({
    table: ordersTable.name,
    index: 'byCustomer',
    partition: { field: 'customerId', value: customerId },
    descending: true,
    limit,
    ...(after && { after: { customerId, createdAt: after[0], orderId: after[1] } }),
  })
  const items = await store.read(page.items.map(({ orderId }) => refOf(orderId as string)))
  return c.json({
    items: items.filter(item => item !== undefined).map(shown),
    ...(page.next && { cursor: encodeCursor(c, [page.next['createdAt'], page.next['orderId']]) }),
  })
}

async function showHistory(c: ApiContext, ports: ApiPorts): Promise<Response> {
  const { orderId } = await readOrder(c, ports)
  const { items } = await ports.store.query({
    table: ordersHistoryTable.name,
    partition: { field: 'orderId', value: orderId as string },
    limit: 10,
  })
  const rows = items.map(({ status, at }) => ({ status: status as string, at: at as string }))
  // Two within one millisecond: an order begins before it ends.
  const isEnd = (status: string) => Number(status !== 'CREATED')
  return c.json({ items: rows.sort((a, b) => a.at.localeCompare(b.at) || isEnd(a.status) - isEnd(b.status)) })
}

/** The order in the path. Throws 404 for what is not there, and for another's. */
async function readOrder(c: ApiContext, { store }: ApiPorts): Promise<Item> {
  const { sub, operator } = c.var.identity
  const orderId = idParam(c, 'orderId')
  const [item] = await store.read([refOf(orderId)])
  if (!item || (item['customerId'] !== sub && !operator)) throw notFound(`The order ${orderId}`)
  return item
}

const refOf = (orderId: string) => ({ table: ordersTable.name, key: { orderId } })

const shown = showing(OrderShown)
