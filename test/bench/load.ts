/**
 * The load, in a thread of its own: so many orders at once, each until its end is read on the orders' topic.
 * `workerData`: LoadSettings; posts one LoadResult.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { kafkaClient } from '../../localstack/runtime/kafka/client.ts'

export interface LoadSettings {
  readonly url: string
  readonly token: string
  readonly brokers: readonly string[]
  readonly orders: number
  readonly concurrency: number
  /** Every how many-th is declined; 0: none. */
  readonly declinedEvery: number
  readonly products: readonly string[]
}

export interface LoadResult {
  readonly seconds: number
  /** Milliseconds from before the POST until it was read that the order is final, ascending. */
  readonly latencies: readonly number[]
  readonly approved: number
  readonly rejected: number
  /** Orders that did not end as they should, as text. */
  readonly wrong: readonly string[]
}

const settings = workerData as LoadSettings
const headers = { authorization: `Bearer ${settings.token}`, 'content-type': 'application/json' }

interface End {
  readonly status: 'APPROVED' | 'REJECTED'
  readonly at: number
}
const END_WITHIN_MS = 120_000
const ends = new Map<string, End>()
const waiting = new Map<string, (end: End) => void>()

const latencies: number[] = []
const wrong: string[] = []
const counts = { APPROVED: 0, REJECTED: 0 }
let next = 0
const consumer = await listen()
const began = performance.now()
await Promise.all(Array.from({ length: Math.min(settings.concurrency, settings.orders) }, client))
const seconds = (performance.now() - began) / 1000
await consumer.disconnect()
const result: LoadResult = {
  seconds,
  latencies: latencies.sort((a, b) => a - b),
  approved: counts.APPROVED,
  rejected: counts.REJECTED,
  wrong,
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(result)

async function client() {
  for (let n = next++; n < settings.orders; n = next++) {
    const declined = settings.declinedEvery > 0 && n % settings.declinedEvery === 0
    const line = (i: number) => ({ productId: settings.products[(n * 2 + i) % settings.products.length], quantity: 1 })
    const body = { items: [line(0), line(1)], paymentMethod: declined ? 'tok_declined' : 'tok_visa' }
    const expected = declined ? 'REJECTED' : 'APPROVED'
    const placedAt = Date.now()
    const answer = await fetch(`${settings.url}/orders`, { method: 'POST', headers, body: JSON.stringify(body) })
    const { orderId } = (await answer.json()) as { orderId?: string }
    const end = orderId === undefined ? undefined : await endOf(orderId)
    if (end) counts[end.status]++
    if (end?.status === expected) latencies.push(end.at - placedAt)
    else wrong.push(`order ${n} ${orderId}: ${answer.status}, then ${end?.status ?? 'no end'}, expected ${expected}`)
  }
}

/** When it was read that the order is final: the event is published after the item is written. */
function endOf(orderId: string): Promise<End | undefined> {
  const known = ends.get(orderId)
  if (known) return Promise.resolve(known)
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(undefined), END_WITHIN_MS)
    waiting.set(orderId, end => {
      clearTimeout(timer)
      resolve(end)
    })
  })
}

/** Reads the orders' ends from their topic, so that waiting for them costs the system nothing. */
async function listen() {
  const consumer = kafkaClient(settings.brokers, 'bench').consumer({ groupId: `bench-${Date.now()}` })
  await consumer.connect()
  await consumer.subscribe({ topic: 'orders-events' })
  const joined = new Promise(resolve => consumer.on(consumer.events.GROUP_JOIN, resolve))
  await consumer.run({
    eachMessage: async ({ message }) => {
      const type = String(message.headers?.['ce_type'])
      const status = type === 'OrderApprovedEvent' ? 'APPROVED' : type === 'OrderRejectedEvent' ? 'REJECTED' : undefined
      const orderId = String(message.key)
      if (!status || ends.has(orderId)) return
      const end = { status, at: Date.now() } as const
      ends.set(orderId, end)
      waiting.get(orderId)?.(end)
      waiting.delete(orderId)
    },
  })
  await joined
  return consumer
}
