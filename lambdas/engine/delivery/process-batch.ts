/** Rounds: decide and commit for every key at once, publish what that caused, make the calls, and so on until nothing waits. */
import { commitWave } from './commit-wave.ts'
import type { ConsumerExtension } from './consumer-extension.ts'
import type { ConsumerSettings } from './consumer-settings.ts'
import { logHandled } from './message-log.ts'
import { makeCalls } from './outside-calls.ts'
import { effectsPublisher } from './publish-effects.ts'
import { readBatch } from './read-batch.ts'
import { type DeadRecord, type Delivery, failWork, groupByKey, type Planned } from './work.ts'

/** Handles deliveries; those that failed have `failed` then. Never rejects. */
export type BatchProcessor = (deliveries: readonly Delivery[], dead: DeadRecord[]) => Promise<void>

export function batchProcessor<State extends object>(
  settings: ConsumerSettings<State>,
  extension?: ConsumerExtension<State>,
): BatchProcessor {
  const { aggregate, clock, log } = settings
  const publishEffects = effectsPublisher(settings)

  return async (deliveries, dead) => {
    try {
      if (deliveries.length > 0) await processBatch(deliveries, dead)
    } catch (error) {
      for (const delivery of deliveries) delivery.failed ??= error
    }
  }

  async function processBatch(deliveries: readonly Delivery[], dead: DeadRecord[]) {
    const works = groupByKey<State>(deliveries, message => aggregate.key?.(message) ?? message.sagaId)
    const batch = extension?.startBatch(works)
    const seen = await readBatch(settings, works, deliveries, batch)
    batch?.enqueue()
    const progress = { extension: batch, seen, now: clock.now(), dead }
    let open = works.filter(work => work.queue.length > 0)
    while (open.length > 0) {
      const done: Planned<State>[] = []
      let waiting = open
      while (waiting.length > 0) waiting = await commitWave(settings, progress, waiting, done)
      await carryOut(done)
      open = done.map(({ work }) => work).filter(work => work.queue.length > 0)
      await makeCalls(settings, open, dead)
      open = open.filter(work => work.queue.length > 0)
    }
    batch?.finish(dead)
  }

  /** Publishes and writes what the commits caused. What can't be published now is when its messages are delivered again. */
  async function carryOut(done: readonly Planned<State>[]) {
    const trace = new Map<string, string | undefined>()
    for (const { taken } of done) for (const delivery of taken) trace.set(delivery.message.id, delivery.traceparent)
    try {
      await publishEffects(
        done.map(({ decision }) => decision.effects),
        cause => trace.get(cause),
      )
      for (const { decision } of done) logHandled(log, decision, id => trace.get(id))
    } catch (error) {
      for (const { work, taken } of done) {
        for (const delivery of taken) delivery.failed ??= error
        failWork(work, error)
      }
    }
  }
}
