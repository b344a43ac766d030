import { describeExit, type Exit, type Running } from './process.ts'

export interface SuperviseOptions<Server extends Running> {
  /** For people: `Kafka`. */
  readonly title: string
  /** Starts it on its data: called again for every restart. */
  start(): Promise<Server>
  /** How often it is started again in all; 3 unless given, 0 for never. */
  readonly restartsMax?: number
  /** It died and is being started again. */
  onRestart?(why: string, restart: number): void
  /** It is up again. */
  onUp?(server: Server): void
  /** It died for good: no restarts are left, or a restart failed. */
  onDead(error: Error): void
}

export interface Supervised<Server extends Running> {
  /** The one that runs now, or ran last. */
  readonly current: Server
  /** Ends it and stops watching. */
  stop(): Promise<void>
}

const RESTARTS_MAX = 3

/** Starts a server and, when it dies, starts it again on its data. The first start's error is thrown. */
export async function supervise<Server extends Running>(
  options: SuperviseOptions<Server>,
): Promise<Supervised<Server>> {
  const { title, restartsMax = RESTARTS_MAX } = options
  let current = await options.start()
  let restarts = 0
  let stopping = false
  let restarting: Promise<void> | undefined

  const restart = async (why: string) => {
    restarts += 1
    options.onRestart?.(why, restarts)
    try {
      current = await options.start()
    } catch (error) {
      if (!stopping) options.onDead(new Error(`${title} could not be started again`, { cause: error }))
      return
    }
    if (stopping) return await current.stop()
    watch()
    options.onUp?.(current)
  }

  const onExit = (exit: Exit) => {
    if (stopping || exit.expected) return
    const why = `${title} ended ${describeExit(exit)}`
    if (restarts < restartsMax) restarting = restart(why)
    else options.onDead(new Error(`${why}${tried(restarts)}${lastWords(exit)}`))
  }
  const watch = () => void current.exited.then(onExit, (error: Error) => options.onDead(error))
  watch()

  return {
    get current() {
      return current
    },
    async stop() {
      stopping = true
      await restarting
      await current.stop()
    },
  }
}

const tried = (restarts: number) => (restarts === 0 ? '' : `, and was started again ${restarts} times before`)
/** Who is killed had nothing to say about it. */
const lastWords = ({ signal, lastLines }: Exit) => (signal ? '' : `:\n${lastLines.slice(-10).join('\n')}`)
