import type { Log, Publisher } from '../model/ports.ts'
import { deadLetter } from './dead-letter.ts'
import type { IncomingRecord } from './incoming-record.ts'
import type { DeadRecord } from './work.ts'

/** A dead letter is durable before its record is acknowledged: one that can't be written now joins the `failures`. */
export async function publishDeadLetters(
  { name, publisher, log }: { readonly name: string; readonly publisher: Publisher; readonly log: Log },
  dead: readonly DeadRecord[],
  failures: Map<IncomingRecord, unknown>,
): Promise<void> {
  if (dead.length === 0) return
  try {
    await publisher.publish(
      dead.map(({ record, reason, error }) => deadLetter(record, { reason, error, consumer: name, attempts: 1 })),
    )
    for (const { record, reason, error } of dead) {
      log.count('deadLetters', 1, { topic: record.topic })
      log.warn('message.dead-letter', {
        topic: record.topic,
        partition: record.partition,
        offset: record.offset,
        reason,
        error,
      })
    }
  } catch (error) {
    for (const { record } of dead) failures.set(record, error)
  }
}
