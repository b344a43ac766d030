/** The order saga in a simulated world: products, orders of every kind, and what must hold at the end. */
import { commitFromHttp } from '#shared/messaging/http-commit.ts'
import { unpackItem } from '#shared/messaging/item.ts'
import { topicPerAggregateAndKind } from '#shared/messaging/topics.ts'
import { orchestrator } from '#shared/saga/decide.ts'
import type { SagaState } from '#shared/saga/state.ts'
import { historyTable, sagasTable } from '#shared/saga/tables.ts'
import { orderSaga } from '../../lambdas/sagas/order/saga.ts'
import { create, order } from '../../lambdas/services/order/rules.ts'
import { ordersTable } from '../../lambdas/services/order/tables.ts'
import { payment } from '../../lambdas/services/payment/rules.ts'
import { paymentsTable } from '../../lambdas/services/payment/tables.ts'
import { reservation } from '../../lambdas/services/product/rules.ts'
import { productsTable, reservationsTable } from '../../lambdas/services/product/tables.ts'
import { memoryProvider } from '../support/memory-provider.ts'
import { header } from './broker.ts'
import type { Random } from './random.ts'
import { createWorld, type Domain, weatherOf, type World } from './world.ts'

const PRODUCTS = ['p0', 'p1', 'p2']
const STOCK = 6
const METHODS = ['tok_visa', 'tok_visa', 'tok_visa', 'tok_declined', 'tok_timeout', 'tok_unavailable']
const FOREIGN_ORDERS = 0.1
/** Ids are any text: some that look like others, or like something else. */
const idOf = (i: number) => ID_LOOKALIKES[i] ?? `o${i}`
const ID_LOOKALIKES = ['o1', 'o1.1', 'order:o1', '\ufeffo1', '__proto__', 'o1/CREATED', '$&']
/** Seconds. */
const LATE = 90
const MESSAGES_AN_ORDER_MAX = 400
const ITEM_BYTES_MAX = 6_000

export interface OrderRun {
  readonly orders: number
  /** Moves of the world before fair weather returns. */
  readonly moves: number
  /** How late a sweep is at most: seconds. Default: 90; sagas that miss their deadlines need more. */
  readonly late?: number
  readonly trace?: (line: string) => void
}

/** Runs it; the list of what does not hold, empty when all is well. */
export async function runOrders(random: Random, run: OrderRun): Promise<string[]> {
  const provider = memoryProvider()
  const domain: Domain = {
    tables: [
      ordersTable,
      productsTable,
      reservationsTable,
      paymentsTable,
      sagasTable,
      historyTable('orders-history', 'orderId'),
    ],
    topicOf: topicPerAggregateAndKind,
    consumers: [
      { name: 'order-saga', aggregate: orchestrator(orderSaga) },
      { name: 'product', aggregate: reservation },
      {
        name: 'payment',
        aggregate: payment,
        calls: { charge: provider.charge, cancel: provider.cancel, refund: provider.refund },
      },
      { name: 'order', aggregate: order },
    ],
    relayed: [order],
    sagas: ['order'],
    begins: new Set(['OrderCreatedEvent']),
  }
  const world = createWorld(domain, random, run.trace ? { trace: run.trace } : {})
  const asHttp = {
    ...world.store,
    async commit(commits: Parameters<typeof world.store.commit>[0]) {
      const results = await world.store.commit(commits)
      results.forEach((result, i) => {
        const commit = commits[i]
        if (result.outcome === 'committed' && commit) world.remember(commit)
      })
      return results
    },
  }
  for (const productId of PRODUCTS)
    await world.store.commit([
      {
        ref: { table: 'products', key: { productId } },
        previous: undefined,
        item: {
          productId,
          name: productId,
          shelf: 'all',
          price: { amount: 100, currency: 'EUR' },
          stock: STOCK,
          version: 1,
        },
      },
    ])

  const ordered = new Map<string, { productId: string; quantity: number }[]>()
  const place = async (orderId: string) => {
    const lines = PRODUCTS.filter(() => random.chance(0.5))
    const items = (lines.length > 0 ? lines : ['p0']).map(productId => ({
      productId: random.chance(0.03) ? 'unknown' : productId,
      quantity: 1 + random.below(2),
    }))
    ordered.set(orderId, items)
    if (random.chance(FOREIGN_ORDERS)) {
      // Placed elsewhere: nobody here has heard of it before.
      const data = { customerId: 'bob', items, paymentMethod: random.pick(METHODS), note: 'theirs' }
      const value = Buffer.from(
        JSON.stringify({ eventID: `theirs-${orderId}`, orderId, eventType: 'OrderCreatedEvent', data }),
      )
      world.broker.append({ topic: 'orders-events', key: null, value, headers: [] }, 0)
      world.trace(`${orderId} is placed elsewhere: ${JSON.stringify(data)}`)
      return
    }
    const made = create({ customerId: 'alice', items, paymentMethod: random.pick(METHODS) }, { now: world.time() })
    await commitFromHttp({ store: asHttp, aggregate: order, key: orderId, ...made, now: world.time() })
    world.trace(`${orderId} is placed: ${JSON.stringify(made.send[0]?.body)}`)
  }

  world.setWeather({ ...weatherOf(random), late: (run.late ?? LATE) * 1000 })
  let placed = 0
  for (let i = 0; i < run.moves; i++) {
    if (placed < run.orders && random.chance(0.05)) await place(idOf(placed++))
    if (random.chance(0.002)) provider.setMode(random.pick(['up', 'up', 'down', 'hang']))
    await world.move()
  }
  while (placed < run.orders) await place(idOf(placed++))
  provider.setMode('up')
  const ids = Array.from({ length: run.orders }, (_, i) => idOf(i))
  const sagaOf = async (id: string) =>
    (await world.store.read([{ table: 'sagas', key: { sagaKey: `order:${id}` } }]))[0]
  const allEnded = () =>
    world.store.items('sagas').filter(saga => saga['status'] === 'COMPLETED' || saga['status'] === 'ABORTED').length ===
    ids.length
  const drained = await world.drain(allEnded, 300_000)

  // What must hold.
  const wrong: string[] = [...world.bugs]
  const must = (holds: boolean, what: string) => void (holds || wrong.push(what))
  must(drained, 'fair weather did not drain it')
  const captured = new Map(provider.charges().map(charge => [charge.key, charge]))
  const left = new Map(PRODUCTS.map(product => [product, STOCK]))
  for (const id of ids) {
    const [item] = await world.store.read([{ table: 'orders', key: { orderId: id } }])
    const saga = await sagaOf(id)
    const { items: history } = await world.store.query({
      table: 'orders-history',
      partition: { field: 'orderId', value: id },
      limit: 10,
    })
    const statuses = history
      .map(row => row['status'])
      .sort((a, b) => (String(a) < String(b) ? -1 : 1))
      .join()
    const charge = captured.get(`order-${id}`)
    if (saga?.['status'] === 'STUCK') {
      must(false, `${id} is STUCK in fair weather at ${String(saga['doing'])} ${String(saga['step'])}`)
      continue
    }
    must(
      item?.['status'] === 'APPROVED' || item?.['status'] === 'REJECTED',
      `${id} has not ended: ${String(item?.['status'])}, its saga is ${JSON.stringify(saga)}`,
    )
    const approved = item?.['status'] === 'APPROVED'
    must(
      saga?.['status'] === (approved ? 'COMPLETED' : 'ABORTED'),
      `${id} is ${String(item?.['status'])}, its saga ${String(saga?.['status'])}`,
    )
    must(statuses === (approved ? 'APPROVED,CREATED' : 'CREATED,REJECTED'), `${id}: history is ${statuses}`)
    must(
      approved === (charge?.status === 'CAPTURED'),
      `${id} is ${String(item?.['status'])}, its charge ${charge?.status ?? 'none'}`,
    )
    if (approved) {
      for (const line of ordered.get(id) ?? [])
        left.set(line.productId, (left.get(line.productId) ?? 0) - line.quantity)
      must(
        charge?.amount === (item?.['total'] as { amount: number } | undefined)?.amount,
        `${id}: charged ${charge?.amount}`,
      )
    }
  }
  for (const productId of PRODUCTS) {
    const [product] = await world.store.read([{ table: 'products', key: { productId } }])
    must(Number(product?.['stock']) >= 0, `${productId} is sold more often than there is`)
    must(
      product?.['stock'] === left.get(productId),
      `${productId}: ${String(product?.['stock'])} in stock, ${left.get(productId)} by the approved orders`,
    )
  }
  for (const { table, before, after } of world.commits) {
    const was = String(before?.['status'])
    if (table === 'orders')
      must(
        !['APPROVED', 'REJECTED'].includes(was) || was === after['status'],
        `an order went from ${was} to ${String(after['status'])}`,
      )
    if (table === 'sagas') {
      must(!['COMPLETED', 'ABORTED'].includes(was), `a saga that was ${was} went to ${String(after['status'])}`)
      const { sent, state } = unpackItem<SagaState>(after)
      const commands = sent.filter(({ type }) => type.endsWith('Command'))
      const [asked] = commands
      must(
        asked === undefined ||
          (commands.length === 1 && asked.version === state.asked?.[0] && asked.n === state.asked[1]),
        `${String(after['sagaKey'])} remembers ${asked?.type} and waits for an answer to another command`,
      )
    }
    must(
      JSON.stringify(after).length <= ITEM_BYTES_MAX,
      `an item of ${table} has ${JSON.stringify(after).length} bytes`,
    )
  }
  must(
    world.broker.messages() <= run.orders * MESSAGES_AN_ORDER_MAX,
    `${world.broker.messages()} messages for ${run.orders} orders`,
  )
  const buried = deadLetters(world)
  for (const id of world.nonsense) must(buried.has(id), `${id} is nonsense and not among the dead letters`)
  for (const id of buried) must(world.nonsense.has(id), `${id} is a dead letter without a reason`)
  return wrong
}

/** The ids that dead letters have, or where they were first. */
const deadLetters = (world: World) =>
  new Set(
    world.broker
      .everything()
      .filter(record => record.topic.endsWith('.dlq'))
      .map(
        record =>
          header(record, 'ce_id') ??
          `${header(record, 'dlq_topic')}-${header(record, 'dlq_partition')}@${header(record, 'dlq_offset')}`,
      ),
  )
