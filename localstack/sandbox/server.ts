import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import * as z from 'zod'
import type { Book, BookAnswer } from './book.ts'

/**
 * `up`: answers. `down`: 503 to everything. `hang`: takes requests and answers none; they are carried out when it is up
 * again, answered or not: a charge that lands long after its sender has given up.
 */
export type ProviderMode = 'up' | 'down' | 'hang'

export interface SandboxServer {
  /** The port that it listens on. */
  readonly port: number
  setMode(mode: ProviderMode): void
  close(): Promise<void>
}

/**
 * The sandbox payment provider over HTTP. The charge's key is in the header `Idempotency-Key` of every call:
 *
 *     POST /charge  {orderId, amount, currency, paymentMethod}   → 200 entry | 422 the key was used with another amount
 *     POST /cancel  {orderId, amount, currency}                  → 200 entry, what the key holds from now on
 *     POST /refund  {refundKey}                                  → 200 entry | 404 there is nothing to give back
 *     GET  /find                                                 → 200 entry | 404 nothing is known under that key
 *
 * An entry is `{key, orderId, amount, currency, status, paymentId?}`. For the runtime alone: `GET /sandbox/charges` and
 * `POST /sandbox/provider {mode}`, which answer in every mode.
 */
export async function serveProvider(
  book: Book,
  { host = '127.0.0.1', port = 0, token }: { host?: string; port?: number; token?: string } = {},
): Promise<SandboxServer> {
  let mode: ProviderMode = 'up'
  let held: (() => void)[] = []

  const setMode = (next: ProviderMode) => {
    mode = next
    if (mode !== 'up') return
    const landing = held
    held = []
    for (const carryOut of landing) carryOut()
  }

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    if (token && request.headers.authorization !== `Bearer ${token}`)
      return answer(response, 401, { error: 'wrong token' })
    const call = `${request.method} ${request.url}`
    const text = await bodyOf(request)
    if (call === 'GET /sandbox/charges') return answer(response, 200, { items: book.entries() })
    if (call === 'POST /sandbox/provider') {
      setMode(Mode.parse(JSON.parse(text)).mode)
      return answer(response, 200, { mode })
    }
    const carryOut = () => attempt(response, () => reply(response, ask(book, call, keyOf(request), text)))
    if (mode === 'hang') held.push(carryOut)
    else if (mode === 'down') answer(response, 503, { error: 'the sandbox provider is down' })
    else carryOut()
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => answer(response, 400, { error: String(error) }))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the sandbox provider has no port')

  return {
    port: address.port,
    setMode,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const Amount = { orderId: z.string().min(1), amount: z.int().min(0), currency: z.string().regex(/^[A-Z]{3}$/) }
const ChargeBody = z.object({ ...Amount, paymentMethod: z.string().min(1) })
const CancelBody = z.object(Amount)
const RefundBody = z.object({ refundKey: z.string().min(1) })
const Mode = z.object({ mode: z.enum(['up', 'down', 'hang']) })

function ask(book: Book, call: string, key: string, text: string): BookAnswer | undefined {
  if (call === 'POST /charge') return book.charge({ key, ...ChargeBody.parse(JSON.parse(text)) })
  if (call === 'POST /cancel') return book.cancel({ key, ...CancelBody.parse(JSON.parse(text)) })
  if (call === 'POST /refund') return book.refund({ key, ...RefundBody.parse(JSON.parse(text)) })
  if (call === 'GET /find') return book.find(key)
  return undefined
}

function reply(response: ServerResponse, outgoing: BookAnswer | undefined): void {
  if (outgoing === undefined) return answer(response, 404, { error: 'there is no such route' })
  switch (outgoing.kind) {
    case 'entry':
      return answer(response, 200, outgoing.entry)
    case 'none':
      return answer(response, 404, { status: 'NONE' })
    case 'unavailable':
      return answer(response, 503, { error: 'try again' }, { 'retry-after': '1' })
    case 'mismatch':
      return answer(response, 422, { error: 'this key was used with another amount or currency' })
    case 'silence':
      return
  }
}

/** What is wrong with a request is its sender's to know. */
function attempt(response: ServerResponse, carryOut: () => void): void {
  try {
    carryOut()
  } catch (error) {
    const invalid = error instanceof z.ZodError || error instanceof SyntaxError
    answer(response, invalid ? 400 : 500, { error: String(error) })
  }
}

function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

function keyOf(request: IncomingMessage): string {
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string' || key.length === 0 || key.length > 255)
    throw new SyntaxError('the header Idempotency-Key is needed: 1 to 255 characters')
  return key
}

/** Bytes of a request's body. */
const BODY_MAX = 64 * 1024

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_MAX) throw new SyntaxError(`a body has at most ${BODY_MAX} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
