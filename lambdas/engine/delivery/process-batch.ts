/** Rounds: decide and commit for every key at once, publish what that caused, make the calls, and so on until nothing waits. */
import { commitWave } from './commit-wave.ts'
import type { ConsumerExtension } from './consumer-extension.ts'
import type { ConsumerSettings } from './consumer-settings.ts'
import { rulesThrew } from './finish-decision.ts'
import { logHandled } from './message-log.ts'
import { outsideCalls } from './outside-calls.ts'
import { effectsPublisher } from './publish-effects.ts'
import { readBatch } from './read-batch.ts'
import { type DeadRecord, type Delivery, failWork, groupByKey, type Planned } from './work.ts'

const hasMore = ({ queue }: { readonly queue: readonly unknown[] }) => queue.length > 0

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
    const works = groupByKey<State>(deliveries, delivery =>
      rulesOrDead(delivery, dead, ({ message }) => {
        const key = aggregate.key?.(message) ?? message.sagaId
        delivery.reads = aggregate.reads?.(message)
        return key
      }),
    )
    const batch = extension?.startBatch(works)
    const seen = await readBatch(settings, works, batch)
    batch?.enqueue()
    const progress = { extension: batch, seen, now: clock.now(), dead }
    const calls = outsideCalls(settings, dead)
    try {
      let open = works.filter(hasMore)
      while (open.length > 0 || calls.isUnderWay()) {
        const done: Planned<State>[] = []
        let waiting = open
        while (waiting.length > 0) waiting = await commitWave(settings, progress, waiting, done)
        await carryOut(done)
        const handled = done.map(({ work }) => work).filter(hasMore)
        for (const work of handled) if (work.call?.pending) calls.start(work)
        open = handled.filter(work => !work.call?.pending)
        if (open.length === 0) open = (await calls.next()).filter(hasMore)
      }
    } finally {
      // Nothing goes on behind the back of an invocation that has returned.
      await calls.end()
    }
    batch?.finish(dead)
  }

  /** What the user's own functions say of a message; undefined, and it is a dead letter, if they throw. */
  function rulesOrDead<T>(delivery: Delivery, dead: DeadRecord[], rules: (of: Delivery) => T): T | undefined {
    try {
      return rules(delivery)
    } catch (error) {
      log.error('message.rules-threw', { sagaId: delivery.message.sagaId, type: delivery.message.type, error })
      dead.push(rulesThrew(delivery, error))
      return undefined
    }
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
