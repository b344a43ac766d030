import { type IncomingRecord } from '#shared/messaging/envelope.ts'
import type { Clock, Log, Store } from '#shared/ports.ts'
import { keptAs, letterRef } from './kept.ts'
import { lettersIn } from './letter.ts'

interface Ports {
  readonly store: Pick<Store, 'commit' | 'writeRows'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
}

/**
 * Puts every record of the dead-letter topics into the table, each letter once, whatever was decided about it since. No
 * record is too broken for that, as there is nowhere else for it to go. Throws RetryableError when the table is away.
 * `sagaFields`: the fields that may hold a saga's id.
 */
export function createIndexer({ store, clock, log }: Ports, sagaFields: readonly string[]) {
  return async (records: readonly IncomingRecord[]): Promise<void> => {
    const now = clock.now()
    const kept = new Map(
      records.flatMap(record =>
        lettersIn(record).map(
          letter => [letter.id, { letter, ...keptAs(letter, { cameAt: record.timestamp, now, sagaFields }) }] as const,
        ),
      ),
    )
    const letters = [...kept.values()]
    // The records first: a letter that can be seen can be sent again.
    await store.writeRows(letters.flatMap(({ parts }) => parts))
    const results = await store.commit(
      letters.map(({ letter, item }) => ({ ref: letterRef(letter.id), previous: undefined, item })),
    )
    for (const [i, { letter }] of letters.entries()) {
      const result = results[i]
      // Lost: it is there already.
      if (result?.outcome === 'failed' || result?.outcome === 'impossible') throw result.error
      if (result?.outcome !== 'committed') continue
      log.count('deadLettersIndexed', 1, { topic: letter.record.topic })
      log.info('indexed a dead letter', { id: letter.id, topic: letter.record.topic, reason: letter.reason })
    }
  }
}
