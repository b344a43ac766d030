import { createHash } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import * as z from 'zod'
import { PoisonMessageError, RetryableError } from '#engine/model/errors.ts'
import type { CancelOutcome, ChargeOutcome, FindOutcome, PaymentProvider, RefundOutcome } from './provider.ts'

export interface HttpProviderOptions {
  /** `https://payments.example`: no path, no credentials. */
  readonly url: string
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: string
  /** How long each call may take, milliseconds. Default 3000. */
  readonly timeoutMs?: number
}

/**
 * The payment provider over HTTP (its routes: `localstack/sandbox/server.ts`). A charge that is not answered is looked up
 * once; a charge that was cut off and is not known there is made once more, under the same key.
 */
export function httpProvider({ url, token, timeoutMs = 3_000 }: HttpProviderOptions): PaymentProvider {
  const send = (method: 'GET' | 'POST', path: string, key: string, body?: unknown) =>
    // Its path is kept: `https://pay.example/v2`.
    call(new URL(`${url.replace(/\/+$/, '')}${path}`), {
      method,
      timeoutMs,
      headers: {
        'idempotency-key': headerOf(key),
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    })

  const find = async (key: string): Promise<FindOutcome> => outcomeOf(await answered(send('GET', '/find', key)))

  async function charge(
    { key, ...request }: Parameters<PaymentProvider['charge']>[0],
    chargesLeft = CHARGES_MAX,
  ): Promise<ChargeOutcome> {
    try {
      const outcome = outcomeOf(await send('POST', '/charge', key, request))
      if (outcome.outcome !== 'none') return outcome
    } catch (error) {
      if (!(error instanceof UnansweredError)) throw error
      const found = await find(key).catch(ignoreRetryable)
      if (found && found.outcome !== 'none') return found
      if (found && error.cut && chargesLeft > 1) return charge({ key, ...request }, chargesLeft - 1)
    }
    return { outcome: 'unknown' }
  }

  return {
    charge: request => charge(request),
    find: ({ key }) => find(key),
    async cancel({ key, ...request }): Promise<CancelOutcome> {
      const outcome = outcomeOf(await answered(send('POST', '/cancel', key, request)))
      if (outcome.outcome === 'none') throw away('did not say what became of a cancelled charge')
      return outcome
    },
    async refund({ key, ...request }): Promise<RefundOutcome> {
      const outcome = outcomeOf(await answered(send('POST', '/refund', key, request)))
      if (outcome.outcome === 'refunded' || outcome.outcome === 'none') return outcome
      throw away(`answers ${outcome.outcome} to a refund`)
    },
  }
}

/** A key as a header can hold it: a foreign order's id may be any text. */
const headerOf = (key: string) =>
  /^[\x21-\x7e]{1,255}$/.test(key) ? key : `sha256-${createHash('sha256').update(key).digest('hex')}`

/** How often a charge is sent in one call: a kept-alive connection that was closed meanwhile costs the first. */
const CHARGES_MAX = 2

/** What the provider knows under a key. `NONE` comes with 404. */
const Entry = z.object({
  status: z.enum(['CAPTURED', 'DECLINED', 'CANCELLED', 'REFUNDED', 'NONE']),
  paymentId: z.string().default(''),
})
type Entry = z.infer<typeof Entry>

/** It may have been done or not. `cut`: the connection ended, rather than the time. */
class UnansweredError extends Error {
  override readonly name = 'UnansweredError'
  readonly cut: boolean
  constructor(cause: unknown, { cut }: { cut: boolean }) {
    super('the payment provider did not answer', { cause })
    this.cut = cut
  }
}

interface Sent {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly timeoutMs: number
}

/** Throws RetryableError if it was certainly not done, PoisonMessageError if it never will be, UnansweredError if nobody knows. */
async function call(url: URL, { timeoutMs, ...sent }: Sent): Promise<Entry> {
  const signal = AbortSignal.timeout(timeoutMs)
  const { status, body } = await exchange(url, sent, signal).catch((error: unknown) => {
    throw neverSent(error) ? away('cannot be reached', error) : new UnansweredError(error, { cut: !signal.aborted })
  })
  if (status === 200 || status === 404) return entryOf(body)
  if (status === 503 || status === 429 || status === 401 || status === 403) throw away(`answers ${status}`)
  if (status === 400 || status === 409 || status === 422)
    throw new PoisonMessageError(`the payment provider refuses the request: ${status}`, { code: 'PROVIDER_REFUSES' })
  throw new UnansweredError(new Error(`status ${status}`), { cut: true })
}

const AGENTS = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) }

/** One request over a kept-alive connection; no redirect is followed. By Node's own client, which takes less CPU than `fetch`. */
async function exchange(url: URL, { method, headers, body }: Omit<Sent, 'timeoutMs'>, signal: AbortSignal) {
  const secure = url.protocol === 'https:'
  const agent = AGENTS[secure ? 'https:' : 'http:']
  const request = (secure ? https : http).request(url, { method, headers, agent, signal })
  const answer = once(request, 'response') as Promise<[http.IncomingMessage]>
  // Once there is an answer, what goes wrong is told by its body; the request says it a second time.
  request.on('error', () => {})
  request.end(body)
  const [response] = await answer
  return { status: response.statusCode ?? 0, body: await text(response) }
}

function entryOf(body: string): Entry {
  try {
    return Entry.parse(JSON.parse(body))
  } catch {
    // What was wrong with it is told by its first characters or its fields, and those may be the payer's.
    throw new UnansweredError(new Error('its answer is not one of its routes'), { cut: true })
  }
}

/** No connection came about, so no byte of the request has left. */
const NEVER_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']

function neverSent(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code !== undefined && NEVER_SENT.includes(code)
}

/** For calls that are simply repeated: no answer is as good as a refusal to answer. */
async function answered(entry: Promise<Entry>): Promise<Entry> {
  try {
    return await entry
  } catch (error) {
    throw error instanceof UnansweredError ? away('did not answer', error) : error
  }
}

function ignoreRetryable(error: unknown): undefined {
  if (error instanceof RetryableError) return undefined
  throw error
}

const away = (what: string, cause?: unknown) =>
  new RetryableError(`the payment provider ${what}`, { code: 'PROVIDER_AWAY', cause })

function outcomeOf({ status, paymentId }: Entry): FindOutcome {
  switch (status) {
    case 'CAPTURED':
      return { outcome: 'captured', paymentId }
    case 'REFUNDED':
      return { outcome: 'refunded', paymentId }
    case 'DECLINED':
      return { outcome: 'declined' }
    case 'CANCELLED':
      return { outcome: 'cancelled' }
    case 'NONE':
      return { outcome: 'none' }
  }
}
