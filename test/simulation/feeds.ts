/** A table's change feed: in order and at least once when it works, and it may lose, repeat and reverse. */
import type { Item } from '#engine/model/ports.ts'
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'
import type { Invocation, Scheduler } from './scheduler.ts'

const BATCH_MAX = 6
/** Moves after which a change comes a second time, at most. */
const LATER_MAX = 400

export interface Changed {
  readonly table: string
  readonly item: Item
}

export function createFeed(world: {
  /** `relay`, `trigger`, `redriver`: the function that it feeds. */
  name: string
  scheduler: Scheduler
  faults: Faults
  order: Random
  /** Does something after so many moves. */
  later: (moves: number, act: () => unknown) => void
  trace: (line: string) => void
  /** Throws, or tells false, if it must come again. */
  handle: (batch: readonly Changed[], invocation: Invocation) => Promise<boolean>
  lost?: (change: Changed) => void
}) {
  const { name, scheduler, faults, order, trace } = world
  const waiting: Changed[] = []
  let busy = false
  return {
    /** Something was written. `what`: what it is called. */
    push(what: string, change: Changed) {
      const place = `${name} ${what}`
      if (faults.at('feed loses', place) !== undefined) {
        trace(`the feed of the ${name} loses ${what}`)
        world.lost?.(change)
        return
      }
      waiting.push(change)
      const repeat = faults.at('feed repeats', place)
      if (repeat !== undefined)
        world.later(1 + Math.floor(repeat * LATER_MAX), () => {
          trace(`the feed of the ${name} repeats ${what}`)
          waiting.push(change)
        })
    },
    isReady: () => !busy && waiting.length > 0,
    /** One invocation on what was written first. */
    deliver() {
      busy = true
      const batch = waiting.slice(0, 1 + order.below(BATCH_MAX))
      const reversed = batch.length > 1 && faults.at('feed reverses', name) !== undefined
      scheduler.invoke(name, invocation => world.handle(reversed ? batch.toReversed() : batch, invocation), {
        ended(result) {
          busy = false
          if (result !== 'killed' && 'value' in result && result.value) waiting.splice(0, batch.length)
        },
      })
    },
  }
}
export type Feed = ReturnType<typeof createFeed>
