/**
 * Decides what happens next. Every read, write, call, publish and sweep of every invocation is one step that waits here
 * for its turn; which one is let through, and whether it crashes before or after, is the seed's choice.
 */
import type { Random } from './random.ts'

export interface Faults {
  /** The invocation dies before the step. */
  crashBefore: number
  /** The step happens, and then the invocation dies. */
  crashAfter: number
}

export interface Invocation {
  readonly name: string
  dead: boolean
  kill(): void
}

interface Step {
  readonly invocation: Invocation
  readonly name: string
  run(): Promise<void>
}

const microtasks = () => new Promise<void>(resolve => setImmediate(resolve))

export function createScheduler(random: Random, faults: () => Faults, trace: (line: string) => void) {
  const steps: Step[] = []
  let running = 0

  return {
    /** Runs `body` as an invocation; `ended` hears whether it returned, threw or was killed. */
    invoke<T>(
      name: string,
      body: (invocation: Invocation) => Promise<T>,
      ended: (result: { value: T } | { error: unknown } | 'killed') => void,
    ): Invocation {
      running++
      let over = false
      const finish = (result: { value: T } | { error: unknown } | 'killed') => {
        if (over) return
        over = true
        running--
        ended(result)
      }
      const invocation: Invocation = {
        name,
        dead: false,
        kill() {
          invocation.dead = true
          finish('killed')
        },
      }
      body(invocation).then(
        value => finish({ value }),
        (error: unknown) => finish({ error }),
      )
      return invocation
    },
    /** One step of an invocation. A step of a dead one never returns. */
    step<T>(invocation: Invocation, name: string, act: () => Promise<T>): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        steps.push({
          invocation,
          name,
          async run() {
            if (invocation.dead) return
            const { crashBefore, crashAfter } = faults()
            if (random.chance(crashBefore)) {
              trace(`${invocation.name}: dies before ${name}`)
              invocation.kill()
              return
            }
            try {
              const value = await act()
              trace(`${invocation.name}: ${name}`)
              if (random.chance(crashAfter)) {
                trace(`${invocation.name}: dies after ${name}`)
                invocation.kill()
              } else resolve(value)
            } catch (error) {
              trace(`${invocation.name}: ${name} fails: ${error instanceof Error ? error.message : String(error)}`)
              reject(error)
            }
          },
        })
      })
    },
    /** Lets one waiting step through; false if none waits. */
    async advance(): Promise<boolean> {
      await microtasks()
      if (steps.length === 0) return false
      const [step] = steps.splice(random.below(steps.length), 1)
      await step?.run()
      return true
    },
    waiting: () => steps.length,
    running: () => running,
    settle: microtasks,
  }
}
export type Scheduler = ReturnType<typeof createScheduler>
