/** Writes down since when a consumer fails and why, where its operators look (`failure-entry.ts`). */
import { RetryableError } from '../model/errors.ts'
import type { Clock, Log, Store } from '../model/ports.ts'
import { entryOf, entryRef, nextEntry, rowOf } from './failure-entry.ts'
import type { IncomingRecord } from './incoming-record.ts'
import type { Failed } from './partition-order.ts'

export interface FailureRecorder {
  /**
   * Of each partition its first failed record, at most once every half minute. `since`: when this invocation failed first.
   * Never rejects, and takes no longer than a second.
   */
  record(failed: readonly Failed[], since: number): Promise<void>
}

interface Ports {
  readonly store: Pick<Store, 'read' | 'writeRows'>
  readonly clock: Clock
  readonly log: Pick<Log, 'warn'>
}

const EVERY_MS = 30_000
const WRITE_MAX_MS = 1_000

export function failureRecorder(consumer: string, { store, clock, log }: Ports): FailureRecorder {
  /** When each partition's entry was last written, or was tried to. */
  const triedAt = new Map<string, number>()
  let isAway = false

  return {
    async record(failed, since) {
      const now = clock.now()
      const due = [...Map.groupBy(failed, ({ record }) => placeOf(record))].flatMap(([place, [first]]) =>
        first && now >= (triedAt.get(place) ?? Number.NEGATIVE_INFINITY) + EVERY_MS ? [first] : [],
      )
      if (due.length === 0) return
      for (const { record } of due) triedAt.set(placeOf(record), now)
      // Swallowed: what fails is often the very table, or the network to it. That a failure can't be told must not delay the
      // records that fail, nor make them fail in another way; the log has it all, and in half a minute it is tried again.
      try {
        await Promise.race([write(due, since, now), tooLate()])
        isAway = false
      } catch (error) {
        if (!isAway) log.warn('consumer.failure-not-kept', { error })
        isAway = true
      }
    },
  }

  async function write(due: readonly Failed[], since: number, now: number) {
    const before = await store.read(due.map(({ record }) => entryRef(consumer, record)))
    await store.writeRows(
      due.map(({ record: { topic, partition, offset }, error }, i) =>
        rowOf(nextEntry(entryOf(before[i]), { consumer, topic, partition, offset, error, since }, now)),
      ),
    )
  }

  async function tooLate(): Promise<never> {
    await clock.sleep(WRITE_MAX_MS)
    throw new RetryableError(`the table of consumers did not answer within ${WRITE_MAX_MS} ms`, {
      code: 'CONSUMERS_TABLE_SLOW',
    })
  }
}

const placeOf = ({ topic, partition }: IncomingRecord) => `${topic}-${partition}`
