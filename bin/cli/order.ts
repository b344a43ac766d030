import { Command, InvalidArgumentError } from 'commander'
import { pathOf } from '../../client/path.ts'
import type { HistoryRow, Line, Order } from '../../client/order.ts'
import type { Session } from './session.ts'
import { plainTable } from '../../client/plain-table.ts'

/** Seconds that `--wait` waits when it is not told: as long as the API can. */
const WAIT_SECONDS = 20

/** `order place` and `order show`. */
export function orderCommands(open: () => Promise<Session>): Command {
  const order = new Command('order').description('place an order, or see what became of it')
  order
    .command('place')
    .description('places an order and prints its id')
    .requiredOption('--item <productId:quantity>', 'a line of the order; may be repeated', collectLine)
    .requiredOption(
      '--payment-method <token>',
      "the payer's token: tok_visa, tok_declined, tok_timeout, tok_unavailable",
    )
    .option('--idempotency-key <key>', 'the same key with the same order is the same order')
    .option('--wait [seconds]', `waits for the end, ${WAIT_SECONDS} s unless told`, readSeconds)
    .action(async (options: PlaceOptions) => place(await open(), options))
  order
    .command('show')
    .argument('<orderId>')
    .description("shows an order's state and history")
    .action(async (orderId: string) => show(await open(), orderId))
  return order
}

interface PlaceOptions {
  readonly item: readonly Line[]
  readonly paymentMethod: string
  readonly idempotencyKey?: string
  /** `true`: without a number. */
  readonly wait?: number | true
}

async function place(session: Session, { item, paymentMethod, idempotencyKey, wait }: PlaceOptions): Promise<void> {
  const { status, body } = await session.api({
    method: 'POST',
    path: '/orders',
    body: { items: item, paymentMethod },
    headers: {
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...(wait === undefined ? {} : { prefer: `wait=${wait === true ? WAIT_SECONDS : wait}` }),
    },
  })
  const placed = body as Pick<Order, 'orderId' | 'status'>
  if (status === 200) return session.show(body, () => describe(body as Order))
  session.show(body, () =>
    [
      `order ${placed.orderId} is accepted, ${placed.status}`,
      ...(wait === undefined ? [] : ['it has not ended yet']),
      `see what becomes of it: npm run cli -- order show ${placed.orderId}`,
    ].join('\n'),
  )
}

async function show(session: Session, orderId: string): Promise<void> {
  const path = pathOf('orders', orderId)
  const order = (await session.api({ path })).body as Order
  const { items: history } = (await session.api({ path: `${path}/history` })).body as { items: HistoryRow[] }
  session.show({ ...order, history }, () =>
    [
      describe(order),
      '',
      plainTable(
        ['history', 'at'],
        history.map(({ status, at }) => [status, at]),
      ),
    ].join('\n'),
  )
}

function describe({ orderId, status, reason, items, total, createdAt }: Order): string {
  const fields: [string, string][] = [
    ['order', orderId],
    ['status', reason === undefined ? status : `${status} (${reason})`],
    ['items', items.map(({ productId, quantity }) => `${productId}:${quantity}`).join(' ')],
    ...(total ? ([['total', `${total.amount} ${total.currency} (minor units)`]] satisfies [string, string][]) : []),
    ['created', createdAt],
  ]
  return plainTable([], fields)
}

/** `coffee:2`; a product id has no colon. */
function collectLine(text: string, before: readonly Line[] = []): Line[] {
  const [productId, quantity, more] = text.split(':')
  if (!productId || more !== undefined || !/^\d{1,9}$/.test(quantity ?? ''))
    throw new InvalidArgumentError('Write it as <productId>:<quantity>, for example coffee:2.')
  return [...before, { productId, quantity: Number(quantity) }]
}

function readSeconds(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('It is a whole number of seconds.')
  return Number(text)
}
