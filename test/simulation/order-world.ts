/** The order saga in a simulated world: products, orders of every kind, and what must hold. */
import { commitFromHttp } from '#engine/delivery/http-commit.ts'
import { topicPerAggregateAndKind } from '#engine/delivery/topics.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import { createRepublisher } from '#engine/saga/republisher.ts'
import { historyTable, sagasTable } from '#engine/saga/saga-tables.ts'
import { deadMessages } from '../../lambdas/platform/dead-letters/dead-letter-item.ts'
import { orderSaga } from '../../lambdas/sagas/order/saga.ts'
import { create, order } from '../../lambdas/services/order/rules.ts'
import { republishOrders } from '../../lambdas/services/order/service.ts'
import { ordersTable } from '../../lambdas/services/order/tables.ts'
import { payment } from '../../lambdas/services/payment/rules.ts'
import { paymentsTable } from '../../lambdas/services/payment/tables.ts'
import { reservation } from '../../lambdas/services/product/rules.ts'
import { productsTable, reservationsTable } from '../../lambdas/services/product/tables.ts'
import type { LedgerEntry } from '../../localstack/sandbox/book.ts'
import { type MemoryProvider, memoryProvider } from '../../localstack/sandbox/memory-provider.ts'
import type { Decided } from './decisions.ts'
import type { Domain, Play, Scenario, Report } from './domain.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

const PRODUCTS = ['p0', 'p1', 'p2']
/** Pieces of each product: about two thirds of what eight orders ask for. */
const STOCK = 6
const METHODS = ['tok_visa', 'tok_visa', 'tok_visa', 'tok_declined', 'tok_timeout', 'tok_unavailable']
const FOREIGN_ORDERS = 0.1
/** Ids are any text: some that look like others, or like something else. */
const ID_LOOKALIKES = ['o1', 'o1.1', 'order:o1', '\ufeffo1', '__proto__', 'o1/CREATED', '$&']
const FINAL = ['APPROVED', 'REJECTED']

/** The consumers of the order domain, with a payment provider. Others are put in their place to see that they are missed. */
export const orderDomain = (provider: MemoryProvider): Domain => ({
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
  sagas: [orderSaga],
  begins: new Set(['OrderCreatedEvent']),
  also: ports =>
    createRepublisher({
      ...ports,
      pending: { aggregate: order, republish: republishOrders, sagas: ['order'], byEventStore: false },
      findDead: messages => deadMessages(ports.store, messages),
    }).sweep(),
  answersWithOneId: true,
  final: {
    orders: FINAL,
    reservations: ['REJECTED', 'CANCELLED'],
    payments: ['DECLINED', 'VOIDED', 'REFUNDED'],
  },
  bytesMax: { sagas: 6_000, orders: 2_000, reservations: 2_000, payments: 2_000 },
  decided: moneyIsIntended,
})

/** What the provider is asked is committed first, under a state of its own (rule 4). */
function moneyIsIntended({ state, message, decision }: Decided, report: Report) {
  const call = decision.kind === 'call' || decision.kind === 'commit' ? decision.call : undefined
  if (!call) return
  const { status } = (decision.kind === 'commit' ? decision.state : (state ?? {})) as { status?: string }
  if (status !== (call.name === 'refund' ? 'REFUNDING' : 'INTENT'))
    report('intent-before-the-call', `${message.sagaId}: ${call.name} while its payment is ${status}`, message.sagaId)
}

export const orders: Scenario = orderScenario(orderDomain)

export function orderScenario(domainOf: (provider: MemoryProvider) => Domain): Scenario {
  // Made with its domain, and played with it: a run makes one of each.
  const providers = new WeakMap<Domain, { provider: MemoryProvider; ledger: LedgerEntry[] }>()
  return {
    name: 'orders',
    without: ['claim'],
    domain() {
      const ledger: LedgerEntry[] = []
      const provider = memoryProvider(entry => void ledger.push(entry))
      const domain = domainOf(provider)
      providers.set(domain, { provider, ledger })
      return domain
    },
    async play(world, domain) {
      const made = providers.get(domain)
      if (!made) throw new Error('a play without its domain')
      return playOrders(world, made.provider, made.ledger)
    },
  }
}

async function playOrders(world: World, provider: MemoryProvider, ledger: readonly LedgerEntry[]): Promise<Play> {
  const { store, broker, faults } = world
  for (const productId of PRODUCTS)
    await store.commit([
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
  let seen = 0
  let rejected = new Set<string>()
  const ordered = new Map<string, readonly { productId: string; quantity: number }[]>()
  const statusOf = (table: string, id: string) =>
    store.items(table).find(({ orderId }) => orderId === id)?.['status'] as string | undefined

  return {
    idOf: i => ID_LOOKALIKES[i] ?? `o${i}`,
    begin,
    meanwhile() {
      const x = faults.at('provider', 'changes')
      if (x === undefined) return
      const mode = (['up', 'up', 'down', 'hang'] as const)[Math.floor(x * 4)] ?? 'up'
      world.trace(`the provider is ${mode}`)
      provider.setMode(mode)
    },
    clearUp: () => provider.setMode('up'),
    isOver: ids =>
      ids.every(id => FINAL.includes(statusOf('orders', id) ?? '')) &&
      store.items('sagas').filter(({ status }) => status === 'COMPLETED' || status === 'ABORTED').length === ids.length,
    always({ table, after }, report) {
      if (table === 'reservations') stockConserved(report)
      money(report)
      const orderId = String(after['orderId'])
      if (table === 'payments' && ['VOIDED', 'REFUNDED', 'DECLINED'].includes(String(after['status'])))
        if (captured(orderId))
          report(
            'payment-agrees',
            `${orderId}: its payment is ${String(after['status'])}, its charge CAPTURED`,
            orderId,
          )
      if (table === 'orders' && after['status'] === 'APPROVED') {
        const id = String(after['orderId'])
        if (!captured(id)) report('approved-is-paid', `${id} is APPROVED, and nothing is captured`, id)
      }
    },
    async atRest(ids, report) {
      stockConserved(report)
      money(report)
      for (const id of ids) await ofOrder(id, report)
      soldIsApproved(ids, report)
    },
  }

  async function begin(orderId: string, random: Random): Promise<void> {
    const lines = PRODUCTS.filter(() => random.chance(0.5))
    const items = (lines.length > 0 ? lines : ['p0']).map(productId => ({
      productId: random.chance(0.03) ? 'unknown' : productId,
      quantity: 1 + random.below(2),
    }))
    const paymentMethod = random.pick(METHODS)
    ordered.set(orderId, items)
    if (random.chance(FOREIGN_ORDERS)) {
      // Placed elsewhere: nobody here has heard of it before.
      const data = { customerId: 'bob', items, paymentMethod, note: 'theirs' }
      const value = Buffer.from(
        JSON.stringify({ eventID: `theirs-${orderId}`, orderId, eventType: 'OrderCreatedEvent', data }),
      )
      broker.append({ topic: 'orders-events', key: null, value, headers: [] }, 0)
      world.trace(`${orderId} is placed elsewhere: ${JSON.stringify(data)}`)
      return
    }
    const now = world.clock.now()
    const made = create({ customerId: 'alice', items, paymentMethod }, { now })
    world.trace(`${orderId} is placed: ${JSON.stringify(made.publish[0]?.body)}`)
    await commitFromHttp({ store: world.api, aggregate: order, key: orderId, ...made, now })
  }

  /** Every piece is on the shelf or held by a reservation, after every commit. */
  function stockConserved(report: Report) {
    const left = new Map(PRODUCTS.map(productId => [productId, STOCK]))
    for (const { status, items } of store.items('reservations'))
      if (status === 'HELD')
        for (const { productId, quantity } of items as unknown as readonly { productId: string; quantity: number }[])
          left.set(productId, (left.get(productId) ?? 0) - quantity)
    for (const { productId, stock } of store.items('products'))
      if (stock !== left.get(String(productId)) || Number(stock) < 0)
        report(
          'stock-conserved',
          `${String(productId)}: ${String(stock)} in stock, ${String(left.get(String(productId)))} by the reservations`,
        )
  }

  /** The ledger's lines are few, but there are many commits: only a new line can change what it says. */
  function captured(id: string): LedgerEntry | undefined {
    return provider.charges().find(({ orderId, status }) => orderId === id && status === 'CAPTURED')
  }

  function money(report: Report) {
    const now = new Set(
      store.items('orders').flatMap(({ orderId, status }) => (status === 'REJECTED' ? [String(orderId)] : [])),
    )
    if (ledger.length === seen && now.size === rejected.size) return
    seen = ledger.length
    rejected = now
    for (const id of rejected)
      if (captured(id)) report('no-capture-without-approval', `${id} is REJECTED, and its charge CAPTURED`, id)
    const captures = new Map<string, number>()
    for (const { orderId, status } of ledger)
      if (status === 'CAPTURED') captures.set(orderId, (captures.get(orderId) ?? 0) + 1)
    for (const [id, times] of captures) if (times > 1) report('charged-once', `${id} was charged ${times} times`, id)
  }

  async function ofOrder(id: string, report: Report) {
    const [item, saga] = await store.read([
      { table: 'orders', key: { orderId: id } },
      { table: 'sagas', key: { sagaKey: `order:${id}` } },
    ])
    const status = String(item?.['status'])
    if (!FINAL.includes(status)) return report('order-ends', `${id} is ${status}`, id)
    const approved = status === 'APPROVED'
    if (saga?.['status'] !== (approved ? 'COMPLETED' : 'ABORTED'))
      report('order-agrees-with-saga', `${id} is ${status}, its saga ${String(saga?.['status'])}`, id)
    const partition = { field: 'orderId', value: id }
    const { items: history } = await store.query({ table: 'orders-history', partition, limit: 10 })
    const rows = history.map(row => row['status']).join()
    if (rows !== (approved ? 'APPROVED,CREATED' : 'CREATED,REJECTED'))
      report('history-agrees', `${id} is ${status}, its history ${rows}`, id)
    const charge = captured(id)
    if (approved !== (charge !== undefined))
      report(
        approved ? 'approved-is-paid' : 'no-capture-without-approval',
        `${id} is ${status}, its charge ${charge?.status ?? 'none'}`,
        id,
      )
    const total = item?.['total'] as { amount: number } | undefined
    if (approved && charge?.amount !== total?.amount)
      report('money-conserved', `${id} costs ${total?.amount}, ${charge?.amount} were charged`, id)
  }

  /** What is gone from the shelf is what approved orders asked for. */
  function soldIsApproved(ids: readonly string[], report: Report) {
    const left = new Map(PRODUCTS.map(product => [product, STOCK]))
    for (const id of ids.filter(id => statusOf('orders', id) === 'APPROVED'))
      for (const { productId, quantity } of ordered.get(id) ?? [])
        left.set(productId, (left.get(productId) ?? 0) - quantity)
    for (const { productId, stock } of store.items('products'))
      if (stock !== left.get(String(productId)))
        report(
          'stock-conserved',
          `${String(productId)}: ${String(stock)} in stock, ${String(left.get(String(productId)))} by the approved orders`,
        )
  }
}
