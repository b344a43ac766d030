/**
 * The shell around an aggregate: a batch of records in, the records that must be delivered again out.
 *
 * parse → read → decide → commit → (call → decide → commit) → publish what it caused → acknowledge. A record is
 * acknowledged only after everything that it caused is published. Nothing here decides anything about a domain.
 */
import type { ConsumerExtension } from './consumer-extension.ts'
import { type ConsumerSettings, LIMITS } from './consumer-settings.ts'
import { parseRecord } from './envelope.ts'
import type { IncomingRecord } from './incoming-record.ts'
import { type Failed, inOrder } from './partition-order.ts'
import { batchProcessor } from './process-batch.ts'
import { publishDeadLetters } from './publish-dead-letters.ts'
import type { DeadRecord, Delivery } from './work.ts'

export interface Consumer {
  /**
   * The records that must be delivered again. `until` (milliseconds since 1970): as long is what failed tried again here,
   * so that an outage costs one invocation a minute; not at all unless given.
   */
  handle(records: readonly IncomingRecord[], options?: { readonly until?: number }): Promise<Failed[]>
}

/** `extension`: what an aggregate that appends to a stream, or that one drives, needs beside (`event-store/stream-consumer.ts`). */
export function createConsumer<State extends object>(
  settings: ConsumerSettings<State>,
  extension?: ConsumerExtension<State>,
): Consumer {
  if (settings.aggregate.stream && !extension)
    throw new Error(
      `${settings.aggregate.type} has a stream, which this consumer would not read: use createStreamConsumer`,
    )
  const processBatch = batchProcessor(settings, extension)

  return {
    async handle(records, { until = Number.NEGATIVE_INFINITY } = {}) {
      const { clock, log, limits, failures } = settings
      const { pauseFirstMs, pauseLongestMs, failingAfterMs } = { ...LIMITS, ...limits }
      let failed = await handleOnce(records)
      if (failed.length === 0) return failed
      const since = clock.now()
      for (
        let pause = pauseFirstMs;
        failed[0] && clock.now() + pause < until;
        pause = Math.min(pause * 2, pauseLongestMs)
      ) {
        log.warn('batch.waits', { failed: failed.length, pause, error: failed[0].error })
        if (clock.now() >= since + failingAfterMs) await failures?.record(failed, since)
        await clock.sleep(pause)
        failed = await handleOnce(failed.map(({ record }) => record))
      }
      if (failed.length > 0) await failures?.record(failed, since)
      return failed
    },
  }

  async function handleOnce(records: readonly IncomingRecord[]): Promise<Failed[]> {
    const failures = new Map<IncomingRecord, unknown>()
    const dead: DeadRecord[] = []
    const deliveries = parse(settings, records, dead)
    await processBatch(deliveries, dead)
    for (const { record, failed } of deliveries) if (failed !== undefined) failures.set(record, failed)
    await publishDeadLetters(settings, dead, failures)
    return inOrder(records, failures)
  }
}

/** The messages of these records. What can't be read is dead; what is another consumer's is counted. */
function parse(
  { vocabulary, log }: Pick<ConsumerSettings<never>, 'vocabulary' | 'log'>,
  records: readonly IncomingRecord[],
  dead: DeadRecord[],
): Delivery[] {
  const deliveries: Delivery[] = []
  for (const record of records) {
    const parsed = parseRecord(record, vocabulary(record.topic))
    if (parsed.kind === 'message') deliveries.push({ record, message: parsed.message, traceparent: parsed.traceparent })
    else if (parsed.kind === 'poison') dead.push({ record, reason: parsed.reason, error: parsed.error })
    else log.count('notOurs', 1)
  }
  return deliveries
}
