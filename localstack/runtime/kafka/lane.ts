import type { KafkaSourcePlan } from '../template/plan-types.ts'
import { deliver, type DeliveryPorts } from '../sources/delivery.ts'
import { batchOf, type KafkaRecord, passes } from './event.ts'

/** What a lane needs from its source. */
export type LanePorts = Omit<DeliveryPorts<KafkaRecord>, 'settled' | 'stopping'> & {
  /** Every record before `offset` is handled. */
  acknowledged(offset: number): void
  /** It holds more than it should (`true`), or has room again. */
  full(isFull: boolean): void
  /** Something that nobody expects; the lane goes on with the next batch. */
  broken(error: unknown): void
}

/** Batches that a lane holds before it asks for no more. */
const BATCHES_HELD = 3

/**
 * One partition of one event source: batches in order, one at a time. Records wait here, so that a partition that is
 * stuck in retries does not hold up the others of its topic.
 */
export function createLane(plan: KafkaSourcePlan, ports: LanePorts) {
  let waiting: KafkaRecord[] = []
  let waitingSince = 0
  /** The offset after the last record that came: what comes again after a rejoin is already here. */
  let next = -1
  let stopping = false
  const isStopping = () => stopping
  let wasFull = false
  let running: Promise<void> | undefined

  function push(records: readonly KafkaRecord[]) {
    const news = records.filter(record => record.offset >= next)
    const last = news.at(-1)
    if (!last || stopping) return
    next = last.offset + 1
    if (waiting.length === 0) waitingSince = ports.now()
    waiting.push(...news)
    tellWhetherFull()
    running ??= work().finally(() => (running = undefined))
  }

  async function work() {
    while (waiting.length > 0 && !isStopping()) {
      await fillWindow()
      const batch = waiting.slice(0, batchOf(waiting, plan.batchSize))
      waiting = waiting.slice(batch.length)
      waitingSince = ports.now()
      tellWhetherFull()
      await handle(batch)
    }
  }

  /** Waits for a full batch, but no longer than the window from its first record on. */
  async function fillWindow() {
    const until = waitingSince + plan.windowSeconds * 1000
    while (waiting.length < plan.batchSize && ports.now() < until && !isStopping())
      await ports.pause(Math.min(20, until - ports.now()))
  }

  async function handle(batch: readonly KafkaRecord[]) {
    const end = (batch.at(-1)?.offset ?? -1) + 1
    try {
      const wanted = batch.filter(record => passes(record, plan.filters))
      if (wanted.length === 0) return ports.acknowledged(end)
      await deliver(wanted, plan, {
        ...ports,
        stopping: isStopping,
        settled: pending => ports.acknowledged(pending[0]?.offset ?? end),
      })
    } catch (error) {
      // Given up on while stopping: what was not kept is not acknowledged, and comes again.
      if (!stopping) ports.broken(error)
    }
  }

  function tellWhetherFull() {
    const isFull = waiting.length > plan.batchSize * BATCHES_HELD
    if (isFull !== wasFull) ports.full(isFull)
    wasFull = isFull
  }

  return {
    push,
    /** Takes no new batch; resolves when the one at work has come to a point where it can be left. */
    async stop() {
      stopping = true
      waiting = []
      await running
    },
  }
}
export type Lane = ReturnType<typeof createLane>
