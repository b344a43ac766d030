/**
 * Decides what happens next. Every read, write, call, publish and acknowledgement of every invocation is one step that
 * waits here for its turn. A step may wait longer than others, and the invocation may die before it or after it.
 */
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'

export interface Invocation {
  /** Whose code it is: `payment`, `relay`, `sweeper`. */
  readonly actor: string
  dead: boolean
  kill(): void
  /** Its partitions are given to another, and it does not know. */
  abandon(): void
}

export type Ended<T> = { readonly value: T } | { readonly error: unknown } | 'killed'

interface Step {
  readonly name: string
  /** The move before which it does not happen. */
  readonly notBefore: number
  run(): Promise<void>
}

/** Moves that a step waits at most. */
const DELAY_MAX = 200

const microtasks = () => new Promise<void>(resolve => setImmediate(resolve))

export function createScheduler(world: {
  order: Random
  faults: Faults
  trace: (line: string | (() => string)) => void
  /** How many moves there were. */
  now: () => number
}) {
  const { order, faults, trace, now } = world
  let steps: Step[] = []
  let running = 0
  const isReady = ({ notBefore }: Step) => notBefore <= now()

  return {
    /** Runs `body` as an invocation; `ended` is told whether it returned, threw or was killed. */
    invoke<T>(
      actor: string,
      body: (invocation: Invocation) => Promise<T>,
      { ended, abandon = () => {} }: { ended: (result: Ended<T>) => void; abandon?: () => void },
    ): void {
      running++
      let over = false
      const finish = (result: Ended<T>) => {
        if (over) return
        over = true
        running--
        ended(result)
      }
      const invocation: Invocation = {
        actor,
        dead: false,
        abandon,
        kill() {
          invocation.dead = true
          finish('killed')
        },
      }
      body(invocation).then(
        value => finish({ value }),
        (error: unknown) => finish({ error }),
      )
    },
    /** One step of an invocation. A step of a dead one never returns. `told`: what the trace says of it. */
    step<T>(
      invocation: Invocation,
      name: string,
      act: () => Promise<T>,
      reported: () => string = () => name,
    ): Promise<T> {
      const { actor } = invocation
      const place = `${actor}: ${name}`
      const zombie = faults.at('zombie', place)
      if (zombie !== undefined) {
        trace(`${actor} loses its partitions before it gets to: ${name}`)
        invocation.abandon()
      }
      const delay = zombie ?? faults.at('delay', place)
      return new Promise<T>((resolve, reject) => {
        steps.push({
          name: place,
          notBefore: delay === undefined ? 0 : now() + 1 + Math.floor(delay * DELAY_MAX),
          async run() {
            if (invocation.dead) return
            if (faults.at('crash before', place) !== undefined) {
              trace(`${actor} CRASHES before: ${name}`)
              invocation.kill()
              return
            }
            try {
              const value = await act()
              trace(() => `${actor}: ${reported()}`)
              if (faults.at('crash after', place) === undefined) return resolve(value)
              trace(`${actor} CRASHES after: ${name}`)
              invocation.kill()
            } catch (error) {
              trace(`${actor}: ${name} FAILS: ${error instanceof Error ? error.message : String(error)}`)
              reject(error)
            }
          },
        })
      })
    },
    /** Lets one step through: one that is ready, or if nothing else is to do, the first that will be. False: none waits. */
    async advance({ force = false } = {}): Promise<boolean> {
      await microtasks()
      const ready = steps.some(step => !isReady(step)) ? steps.filter(isReady) : steps
      const step =
        ready.length > 0
          ? ready[order.below(ready.length)]
          : force
            ? steps.toSorted((a, b) => a.notBefore - b.notBefore)[0]
            : undefined
      if (!step) return false
      steps = steps.filter(other => other !== step)
      await step.run()
      return true
    },
    ready: () => steps.some(isReady),
    waiting: () => steps.length,
    running: () => running,
    settle: microtasks,
  }
}
export type Scheduler = ReturnType<typeof createScheduler>
