/** Hostile records through all consumers of a domain, and what must hold whatever they are. */
import * as fc from 'fast-check'
import { expect } from 'vitest'
import type { PublishedRecord } from '#engine/adapters/memory/publisher.ts'
import { quotings, type Quoting } from '../../../lambdas/quoting.ts'
import { hostileRecords, type Sent } from '../../support/hostile-records.ts'
import { gatewayTo } from '../../support/http.ts'
import { publishedTopics } from '../../support/published-messages.ts'
import { quotingSystem, smallSystem } from './small-system.ts'

type Orders = ReturnType<typeof smallSystem>
type Quotes = ReturnType<typeof quotingSystem>

export interface Fuzzed {
  readonly domain: string
  readonly quoting: Quoting
  system(): Orders | Quotes
  /** Throws unless an order or a quote goes its way as if nothing had been. */
  works(system: Orders | Quotes): Promise<void>
}

const asOperator = { sub: 'olga', groups: 'operators' }
const IDS = ['a1', 'a2', 'a3']

const poisoned = { keepsDeadLetters: true }

export const fuzzed: readonly Fuzzed[] = [
  { domain: 'orders', quoting: 'orchestration', system: () => smallSystem(poisoned), works: orderWorks },
  ...quotings.map(quoting => ({
    domain: 'quoting',
    quoting,
    system: () => quotingSystem(quoting, poisoned),
    works: quoteWorks,
  })),
]

/** Records that one may lead to, one and all: a saga's whole way, and its undoing. */
const CAUSED_MAX = 60

/**
 * Holds for `milliseconds` of runs from `seed`; how many records that were. A failure names the seed, the path to the run and
 * the records that are left after shrinking; with both it is that run alone.
 */
export async function fuzzConsumers(
  { quoting, system: make, works, domain }: Fuzzed,
  { seed, milliseconds, path }: { seed: number; milliseconds: number; path?: string },
): Promise<number> {
  const read = make().topics
  const topics = publishedTopics(quoting).filter(({ topic }) => read.has(topic))
  expect(topics.length, `topics of ${domain} by ${quoting}`).toBe(read.size)
  let sent = 0
  const property = fc.asyncProperty(
    fc.array(hostileRecords(topics), { minLength: 1, maxLength: 12 }),
    fc.constantFrom(1, 5, 100),
    async (records, atOnce) => {
      sent += records.length
      const system = make()
      await prepared(system)
      const before = system.records().length
      // Redelivered whole: every record comes twice.
      const most = 2 * records.length * CAUSED_MAX
      await system.send(records.map(asOutgoing), { atOnce, most })
      await system.send(records.map(asOutgoing), { atOnce, most })
      const own = system.records().slice(before)
      onceDead(own, records)
      await works(system)
    },
  )
  await fc.assert(property, {
    seed,
    ...(path !== undefined && { path }),
    numRuns: 1_000_000,
    interruptAfterTimeLimit: milliseconds,
    markInterruptAsFailure: false,
  })
  return sent
}

const asOutgoing = ({ topic, key, value, headers }: Sent) => ({
  topic,
  key,
  value,
  headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
})

/** No record is two dead letters, each says why, what nobody could read is one, and nothing of ours is. */
function onceDead(records: readonly PublishedRecord[], foreign: readonly Sent[]): void {
  const dead = records.filter(({ topic }) => topic.endsWith('.dlq'))
  const placeOf = ({ headers }: PublishedRecord) =>
    `${String(headers['dlq_topic'])}-${String(headers['dlq_partition'])}@${String(headers['dlq_offset'])}`
  const places = dead.map(placeOf)
  expect(places.filter((place, i) => places.indexOf(place) !== i)).toEqual([])
  for (const { headers } of dead) expect([headers['dlq_reason'], headers['dlq_error']]).not.toContain('')
  for (const { headers } of dead) expect(String(headers['dlq_reason'])).toMatch(REASON)
  const values = new Set(foreign.map(({ value }) => textOf(value)))
  expect(dead.filter(({ value }) => !values.has(textOf(value))).map(({ value }) => textOf(value))).toEqual([])
  const unread = records.filter(({ topic, value }) => !topic.endsWith('.dlq') && !isObject(value))
  const deadPlaces = new Set(places)
  expect(
    unread.map(({ topic, partition, offset }) => `${topic}-${partition}@${offset}`).filter(at => !deadPlaces.has(at)),
  ).toEqual([])
}

const REASON = /^(TOMBSTONE|NOT_JSON|NOT_AN_OBJECT|NO_TYPE|UNKNOWN_TYPE|NO_SAGA_ID|INVALID|REFUSED|TOO_LARGE)$/
const textOf = (value: string | Uint8Array | null) => (value === null ? 'null' : Buffer.from(value).toString('latin1'))

function isObject(value: string | Uint8Array | null): boolean {
  try {
    const bytes = typeof value === 'string' ? Buffer.from(value) : (value ?? new Uint8Array())
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
  } catch {
    return false
  }
}

/** Products and customers that the records name, and what a customer asks for meanwhile. */
async function prepared(system: Orders | Quotes): Promise<void> {
  const call = gatewayTo(system.app)
  const price = { amount: 7, currency: 'EUR' }
  for (const id of IDS.slice(1)) {
    if ('provider' in system)
      await call({
        method: 'POST',
        path: '/products',
        body: { productId: id, name: id, price, stock: 1e6 },
        ...asOperator,
      })
    else await call({ method: 'POST', path: '/customers', body: { customerId: id, name: id }, ...asOperator })
  }
}

async function orderWorks({ app }: Orders | Quotes): Promise<void> {
  const call = gatewayTo(app)
  const price = { amount: 7, currency: 'EUR' }
  await call({
    method: 'POST',
    path: '/products',
    body: { productId: 'own', name: 'own', price, stock: 1 },
    ...asOperator,
  })
  const body = { items: [{ productId: 'own', quantity: 1 }], paymentMethod: 'tok_visa' }
  const { orderId } = (await call({ method: 'POST', path: '/orders', body })).body
  expect((await call({ path: `/orders/${orderId}` })).body.status).toBe('APPROVED')
}

async function quoteWorks({ app }: Orders | Quotes): Promise<void> {
  const call = gatewayTo(app)
  await call({ method: 'POST', path: '/customers', body: { customerId: 'own', name: 'own' }, ...asOperator })
  await call({ method: 'POST', path: '/quotes', body: { quoteID: 'own', customerId: 'own', premium: 1 } })
  await call({ method: 'POST', path: '/quotes/own/approve' })
  expect((await call({ path: '/quotes/own' })).body.status).toBe('COMPLETED')
  expect((await call({ path: '/customers/own', ...asOperator })).body.policyCount).toBe(1)
}
