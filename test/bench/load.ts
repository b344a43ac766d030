/**
 * The load, in a thread of its own: so many orders at once, each placed with `Prefer: wait`, until all have ended.
 * `workerData`: LoadSettings; posts one LoadResult.
 */
import { parentPort, workerData } from 'node:worker_threads'

export interface LoadSettings {
  readonly url: string
  readonly token: string
  readonly orders: number
  readonly concurrency: number
  /** Every how many-th is declined; 0: none. */
  readonly declinedEvery: number
  readonly products: readonly string[]
}

export interface LoadResult {
  readonly seconds: number
  /** Milliseconds from before the POST until the item was final, ascending. */
  readonly latencies: readonly number[]
  readonly approved: number
  readonly rejected: number
  /** Orders that did not end as they should, as text. */
  readonly wrong: readonly string[]
}

const settings = workerData as LoadSettings
const headers = { authorization: `Bearer ${settings.token}`, 'content-type': 'application/json' }

const latencies: number[] = []
const wrong: string[] = []
const counts = { APPROVED: 0, REJECTED: 0 }
let next = 0
const began = performance.now()
await Promise.all(Array.from({ length: Math.min(settings.concurrency, settings.orders) }, client))
const result: LoadResult = {
  seconds: (performance.now() - began) / 1000,
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
    const placedAt = Date.now()
    const answer = await fetch(`${settings.url}/orders`, {
      method: 'POST',
      headers: { ...headers, prefer: 'wait=20' },
      body: JSON.stringify(body),
    })
    let order = (await answer.json()) as { orderId?: string; status?: string; updatedAt?: string }
    for (let tries = 0; answer.ok && order.status === 'PENDING' && tries < 60; tries++) {
      await new Promise(resolve => setTimeout(resolve, 1000))
      order = (await (await fetch(`${settings.url}/orders/${order.orderId}`, { headers })).json()) as typeof order
    }
    const expected = declined ? 'REJECTED' : 'APPROVED'
    if (order.status === 'APPROVED' || order.status === 'REJECTED') counts[order.status]++
    if (order.status !== expected)
      wrong.push(`order ${n}: ${answer.status} ${JSON.stringify(order)}, expected ${expected}`)
    else latencies.push(Date.parse(order.updatedAt ?? '') - placedAt)
  }
}
