/** What a dead letter of Lambda's says of why: its document has no error in it, but the consumer has kept its last one. */
import { entryOf, entryRef, FAILING_MS, type FailureEntry } from '#engine/delivery/failure-entry.ts'
import type { Log, Ref, Store } from '#engine/model/ports.ts'
import type { Letter } from './dead-letter-record.ts'

const TEXT_MAX = 1000
/** Lambda gave up: what it says of a record that it tried for as long as it may. */
const GIVEN_UP: ReadonlySet<string> = new Set(['RETRY_ATTEMPTS_EXHAUSTED', 'MAXIMUM_RECORD_AGE_EXCEEDED'])

interface Ports {
  readonly store: Pick<Store, 'read'>
  readonly log: Pick<Log, 'warn'>
}

/** A letter, and when it came to the dead letters. */
interface Arrived {
  readonly letter: Letter
  /** Milliseconds since 1970. */
  readonly cameAt: number
}

/** Letters that Lambda wrote, with their consumer's last error where it is about them. One read for all. */
export async function withLastErrors<Of extends Arrived>({ store, log }: Ports, arrived: readonly Of[]): Promise<Of[]> {
  const refs = new Map(
    arrived.flatMap(({ letter }) => (isGivenUp(letter) ? [[placeOf(letter), refOf(letter)] as const] : [])),
  )
  if (refs.size === 0) return [...arrived]
  const entries = new Map<string, FailureEntry | undefined>()
  try {
    const items = await store.read([...refs.values()])
    for (const [i, place] of [...refs.keys()].entries()) entries.set(place, entryOf(items[i]))
  } catch (error) {
    // A letter that does not say why can be seen and redriven; one that waits for the table of consumers can not.
    log.warn('dead-letter.error-not-known', { letters: refs.size, error })
    return [...arrived]
  }
  return arrived.map(each => {
    const entry = isGivenUp(each.letter) ? entries.get(placeOf(each.letter)) : undefined
    return entry && isAbout(entry, each) ? { ...each, letter: withError(each.letter, entry) } : each
  })
}

const isGivenUp = ({ reason, consumer }: Letter) => GIVEN_UP.has(reason) && consumer !== ''

/** The consumer failed on this record or on one before it, shortly before Lambda gave up. */
const isAbout = ({ offset, lastFailedAt }: FailureEntry, { letter, cameAt }: Arrived) =>
  offset <= letter.record.offset && Math.abs(cameAt - lastFailedAt) < FAILING_MS

const withError = (letter: Letter, { offset, lastError }: FailureEntry): Letter => ({
  ...letter,
  error: `${letter.error}; its last error, at offset ${offset}: ${lastError}`.slice(0, TEXT_MAX),
})

const refOf = ({ consumer, record }: Letter): Ref => entryRef(consumer, record)
const placeOf = ({ consumer, record: { topic, partition } }: Letter) => JSON.stringify([consumer, topic, partition])
