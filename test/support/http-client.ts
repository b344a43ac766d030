import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { root } from './system.ts'
import { until } from './until.ts'

const run = promisify(execFile)

export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into every shape
  readonly body: any
}

export interface HttpCall {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer>
}

/** A user of the API who knows nothing but its address and a token. */
export class HttpClient {
  readonly url: string
  readonly token: string | undefined
  constructor(url: string, token?: string) {
    this.url = url
    this.token = token
  }

  async call(path: string, { method = 'GET', headers = {}, json, raw }: HttpCall = {}): Promise<HttpAnswer> {
    const answer = await fetch(this.url + path, {
      method,
      headers: {
        ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(raw !== undefined && { body: raw }),
    })
    const text = await answer.text()
    const isJson = /json/.test(answer.headers.get('content-type') ?? '')
    return { status: answer.status, headers: answer.headers, body: isJson ? (JSON.parse(text) as unknown) : text }
  }

  get(path: string, headers?: Readonly<Record<string, string>>) {
    return this.call(path, headers ? { headers } : {})
  }

  post(path: string, json: unknown, headers?: Readonly<Record<string, string>>) {
    return this.call(path, { method: 'POST', json, ...(headers && { headers }) })
  }

  /** Places an order that must be accepted; its id. A 503, and no answer at all, are followed by the same request under its key. */
  async place(
    lines: Readonly<Record<string, number>>,
    paymentMethod: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const keyed = { 'idempotency-key': randomUUID(), ...headers }
    let answer: HttpAnswer | undefined
    return until(
      'an order to be accepted',
      120_000,
      async () => {
        answer = await this.post('/orders', orderOf(lines, paymentMethod), keyed).catch(unlessAway)
        if (answer === undefined || answer.status === 503) return undefined
        if (answer.status !== 202 && answer.status !== 200)
          throw new Error(`not accepted: ${answer.status} ${JSON.stringify(answer.body)}`)
        return (answer.body as { orderId: string }).orderId
      },
      () => answer?.body as unknown,
    )
  }

  /** The order, once it has ended and its history says so. */
  end(orderId: string, withinMs = 60_000): Promise<EndedOrder> {
    let seen: unknown
    return until(
      `the end of order ${orderId}`,
      withinMs,
      async () => {
        const { status, body } = await this.get(`/orders/${orderId}`)
        seen = body
        if (status !== 200 || body.status === 'PENDING') return undefined
        const history = (await this.get(`/orders/${orderId}/history`)).body.items as { status: string }[]
        seen = { ...body, history }
        return history.length > 1 ? { ...body, history: history.map(row => row.status) } : undefined
      },
      () => seen,
    )
  }

  async stockOf(productId: string): Promise<number> {
    return (await this.get(`/products/${productId}`)).body.stock as number
  }
}

/** What fetch throws when nobody answers. */
function unlessAway(error: unknown): undefined {
  if (!(error instanceof TypeError)) throw error
}

export interface EndedOrder {
  readonly orderId: string
  readonly status: string
  readonly reason?: string
  readonly items: readonly { productId: string; quantity: number }[]
  readonly total?: { readonly amount: number; readonly currency: string }
  readonly createdAt: string
  readonly updatedAt: string
  /** Statuses, oldest first. */
  readonly history: readonly string[]
}

export const orderOf = (lines: Readonly<Record<string, number>>, paymentMethod: string) => ({
  items: Object.entries(lines).map(([productId, quantity]) => ({ productId, quantity })),
  paymentMethod,
})

export interface Charge {
  readonly key: string
  readonly orderId: string
  readonly amount: number
  readonly currency: string
  readonly status: string
}

/** An operator: makes products, reads the payment provider's ledger. */
export class Operator extends HttpClient {
  /** Makes a product that must be new. */
  async product(productId: string, stock: number, amount: number, currency = 'EUR'): Promise<void> {
    const { status, body } = await this.post('/products', {
      productId,
      name: productId,
      price: { amount, currency },
      stock,
    })
    if (status !== 201) throw new Error(`no product: ${status} ${JSON.stringify(body)}`)
  }

  /** Stops a consumer, by its name. Throws unless it is one. */
  pause(consumer: string): Promise<void> {
    return this.control(consumer, 'pause')
  }
  resume(consumer: string): Promise<void> {
    return this.control(consumer, 'resume')
  }
  private async control(consumer: string, action: 'pause' | 'resume'): Promise<void> {
    const { status, body } = await this.post(`/sandbox/consumers/${consumer}/${action}`, {})
    if (status !== 200) throw new Error(`${action} ${consumer}: ${status} ${JSON.stringify(body)}`)
  }

  async charges(): Promise<Charge[]> {
    return (await this.get('/sandbox/charges')).body.items as Charge[]
  }

  async chargesOf(orderId: string): Promise<Omit<Charge, 'key' | 'orderId'>[]> {
    const charges = await this.charges()
    return charges
      .filter(charge => charge.orderId === orderId)
      .map(({ amount, currency, status }) => ({ amount, currency, status }))
  }
}

/** A token as a user gets it: `npm run --silent token -- <args>`. */
export async function tokenOf(...args: string[]): Promise<string> {
  const command = ['scripts/bootstrap.mjs', 'bin/cli/token.ts', ...args]
  return (await run(process.execPath, command, { cwd: root })).stdout.trim()
}
