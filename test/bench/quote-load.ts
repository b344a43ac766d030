/**
 * Quotes at so many at once, in a thread of its own: each drafted, approved, and followed to its end on the wiring's topic.
 * `workerData`: QuoteLoadSettings; posts one QuoteLoadResult.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { kafkaClient } from '../../localstack/runtime/kafka/client.ts'

export interface QuoteLoadSettings {
  readonly url: string
  readonly token: string
  readonly brokers: readonly string[]
  /** Where quotes' ends are published. */
  readonly topic: string
  /** Before every quote's id. */
  readonly run: string
  readonly quotes: number
  readonly concurrency: number
  readonly customers: readonly string[]
}
export interface QuoteLoadResult {
  readonly seconds: number
  /** Milliseconds from before the approval until it was published that the quote is completed, ascending. */
  readonly latencies: readonly number[]
  /** Quotes that did not end as they should. */
  readonly wrong: readonly string[]
}

const { url, token, brokers, topic, run, quotes, concurrency, customers } = workerData as QuoteLoadSettings
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
const END_WITHIN_MS = 120_000
const waiting = new Map<string, (type: string) => void>()

const consumer = kafkaClient([...brokers], 'bench').consumer({ groupId: `bench-${run}` })
await consumer.connect()
await consumer.subscribe({ topic })
const joined = new Promise(resolve => consumer.on(consumer.events.GROUP_JOIN, resolve))
await consumer.run({
  eachMessage: async ({ message }) => {
    const type = String(message.headers?.['ce_type'])
    if (type === 'QuoteCompleted' || type === 'QuoteRejected') waiting.get(String(message.key))?.(type)
  },
})
await joined

const latencies: number[] = []
const wrong: string[] = []
let next = 0
const began = performance.now()
await Promise.all(Array.from({ length: Math.min(concurrency, quotes) }, client))
const seconds = (performance.now() - began) / 1000
await consumer.disconnect()
const result: QuoteLoadResult = { seconds, latencies: latencies.sort((a, b) => a - b), wrong }
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(result)

async function client() {
  for (let n = next++; n < quotes; n = next++) {
    const quoteID = `${run}-${n}`
    const body = { quoteID, customerId: customers[n % customers.length], premium: 100 + (n % 900) }
    const drafted = await fetch(`${url}/quotes`, { method: 'POST', headers, body: JSON.stringify(body) })
    await drafted.arrayBuffer()
    const { promise, resolve } = Promise.withResolvers<string>()
    const timer = setTimeout(() => resolve('nothing'), END_WITHIN_MS)
    waiting.set(quoteID, resolve)
    const approvedAt = performance.now()
    const approved = await fetch(`${url}/quotes/${quoteID}/approve`, { method: 'POST', headers, body: '{}' })
    await approved.arrayBuffer()
    const end = await promise
    clearTimeout(timer)
    waiting.delete(quoteID)
    if (end === 'QuoteCompleted') latencies.push(performance.now() - approvedAt)
    else wrong.push(`${quoteID}: ${drafted.status}, ${approved.status}, then ${end}`)
  }
}
