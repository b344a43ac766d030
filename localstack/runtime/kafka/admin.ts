import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import { CannotStart } from '../../servers/index.ts'
import { sleep } from '../sources/sleep.ts'

const {
  KafkaJSAggregateError,
  KafkaJSGroupCoordinatorNotFound,
  KafkaJSNonRetriableError,
  KafkaJSProtocolError,
  KafkaJSTimeout,
} = kafkajs

export interface AdminOptions {
  /** For people, as it goes on after "to": `create topics`. */
  readonly what: string
  /** Gets progress while the broker does not answer. */
  readonly say: (line: string) => void
  /** Milliseconds in all; a minute and a half unless given. */
  readonly withinMs?: number
  /** Nobody wants it any more: everything is being stopped. */
  readonly released?: () => boolean
}

/** A broker that was killed on a busy machine has half a minute of its logs to read before it answers. */
const WITHIN_MS = 90_000
/** Of one attempt: kafkajs may wait for an answer that never comes, whatever its own limits. */
const ATTEMPT_MS = 30_000
const PAUSES = { first: 250, longest: 2000 }
/** What is over by then is no news. */
const SAY_FROM_MS = 1500
const SAY_EVERY_MS = 5000

/** The broker was there for none of the attempts. */
export class KafkaAway extends CannotStart {}

/** `work` throws it where the broker's answer is not yet what it waits for. */
export class NotYet extends Error {}

/**
 * All that is asked of a broker about topics, groups and offsets goes through here. A broker that is starting, or
 * recovering from a kill, refuses connections, lets requests time out, or answers half of what kafkajs needs, which then
 * throws a TypeError or an Error of no kind: all of that is tried again, with a new connection, so `work` must be harmless when it is done
 * twice. What the broker itself refuses is thrown at once. Throws KafkaAway with the last error as its cause.
 */
export async function withAdmin<T>(
  kafka: Kafka,
  options: AdminOptions,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const { what, say, withinMs = WITHIN_MS, released = () => false } = options
  const since = performance.now()
  const waited = () => performance.now() - since
  let saidAt = SAY_FROM_MS - SAY_EVERY_MS
  for (let pause = PAUSES.first; ; pause = Math.min(PAUSES.longest, pause * 2)) {
    try {
      return await attempt(kafka, work, Math.min(ATTEMPT_MS, Math.max(PAUSES.longest, withinMs - waited())))
    } catch (error) {
      if (isRefusal(error) || released()) throw error
      if (waited() + pause >= withinMs)
        throw new KafkaAway(
          `Kafka did not answer within ${Math.round(withinMs / 1000)} s to ${what} (${messageOf(error)}): see that its broker runs, and that the machine has time for it, then start again`,
          { cause: error },
        )
      if (waited() - saidAt >= SAY_EVERY_MS) {
        say(`Kafka does not answer yet to ${what} (${messageOf(error)}), trying again …`)
        saidAt = waited()
      }
      await sleep(pause)
    }
  }
}

/** On a connection of its own: kafkajs does not find back from every failure. */
async function attempt<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>, withinMs: number): Promise<T> {
  const admin = kafka.admin()
  const late = new AbortController()
  const timeout = sleep(withinMs, late.signal).then(() => {
    throw new NotYet(`no answer within ${Math.round(withinMs / 1000)} s`)
  })
  // After the race is decided nobody listens.
  timeout.catch(() => {})
  try {
    return await Promise.race([admin.connect().then(() => work(admin)), timeout])
  } finally {
    late.abort()
    await Promise.race([admin.disconnect().catch(() => {}), sleep(PAUSES.longest)])
  }
}

/**
 * The broker, or kafkajs before it asked, says no, and would again. kafkajs wraps outages in errors that are not
 * retriable, so the cause decides; what has none is its own refusal.
 */
function isRefusal(error: unknown): boolean {
  if (error instanceof KafkaJSAggregateError) return error.errors.some(isRefusal)
  if (error instanceof KafkaJSProtocolError)
    // Another made it in the meantime: the next attempt finds it there.
    return error.type !== 'TOPIC_ALREADY_EXISTS' && (!error.retriable || error.type === 'UNKNOWN_TOPIC_OR_PARTITION')
  if (error instanceof NotYet || error instanceof KafkaJSTimeout || error instanceof KafkaJSGroupCoordinatorNotFound)
    return false
  if (!(error instanceof Error)) return false
  if (error.cause instanceof Error) return isRefusal(error.cause)
  return error instanceof KafkaJSNonRetriableError
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
