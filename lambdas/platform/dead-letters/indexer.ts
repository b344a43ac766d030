import { type IncomingRecord } from '#engine/delivery/envelope.ts'
import type { Clock, Log, Store } from '#engine/model/ports.ts'
import { itemsOf, letterRef } from './dead-letter-item.ts'
import { lettersIn } from './dead-letter-record.ts'
import { withLastErrors } from './last-error.ts'

interface Ports {
  readonly store: Pick<Store, 'read' | 'commit' | 'writeRows'>
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
    const arrived = await withLastErrors(
      { store, log },
      records.flatMap(record => lettersIn(record).map(letter => ({ letter, cameAt: record.timestamp }))),
    )
    const deadLetters = new Map(
      arrived.map(({ letter, cameAt }) => [letter.id, { letter, ...itemsOf(letter, { cameAt, now, sagaFields }) }]),
    )
    const letters = [...deadLetters.values()]
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
      log.info('dead-letter.indexed', { id: letter.id, topic: letter.record.topic, reason: letter.reason })
    }
  }
}
