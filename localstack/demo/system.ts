/** The system of a demonstration: what `npm start` starts, as a child, on ports and in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, isTaken } from '../servers/index.ts'

export interface DemoSystem {
  /** `http://127.0.0.1:<PORT>` */
  readonly url: string
  /** Of DynamoDB Local. */
  readonly dynamodb: string
  /** What it keeps between its starts. */
  readonly folder: string
  /** Resolves when it is ready. Throws, with the last that it said, if it ends before, and if it was destroyed. */
  start(): Promise<void>
  /** Kills the runtime with -9, and waits until its servers have noticed. The number of the process. */
  kill(): Promise<number>
  /** Ends it in order, and removes what it kept. Again is harmless. */
  destroy(): Promise<void>
  /** Kills what is left of it now; its servers end by themselves. */
  killNow(): void
}

const root = join(import.meta.dirname, '../..')
const READY_WITHIN_MS = 180_000
const END_WITHIN_MS = 20_000
const LOOK_EVERY_MS = 50
const LAST_WORDS_MAX = 4000

/** Starts nothing yet. */
export async function demoSystem(): Promise<DemoSystem> {
  const [api, kafka, dynamodb] = await Promise.all([freePort(), freePort(), freePort()])
  const folder = await mkdtemp(join(tmpdir(), 'recourse-demo-'))
  let child: ChildProcess | undefined
  let isDestroyed = false
  const isOver = () => !child || child.exitCode !== null || child.signalCode !== null
  const ended = () => waitFor(isOver, END_WITHIN_MS)
  /** The servers end when the runtime does, a moment later. */
  const serversEnded = () =>
    waitFor(async () => !(await Promise.all([kafka, dynamodb].map(isTaken))).includes(true), END_WITHIN_MS)

  return {
    url: `http://127.0.0.1:${api}`,
    dynamodb: `http://127.0.0.1:${dynamodb}`,
    folder,
    async start() {
      if (isDestroyed) throw new Error('it was ended meanwhile')
      const started = spawn(process.execPath, [join(root, 'localstack/start.ts')], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          PORT: String(api),
          KAFKA_PORT: String(kafka),
          DYNAMODB_PORT: String(dynamodb),
          STATE_DIR: folder,
          TMPDIR: folder,
          // Whatever is set for other starts.
          KAFKA_BROKERS: '',
          TOPIC_PREFIX: '',
          QUOTING: '',
          SWEEP_SECONDS: '',
          // It ends with this process, though that be killed without a word.
          RECOURSE_PARENT: String(process.pid),
        },
      })
      child = started
      let [ready, lastWords] = [false, '']
      // It plays its scenarios meanwhile, which is of no interest here.
      started.stdout.setEncoding('utf8').on('data', (text: string) => {
        ready ||= text.split('\n').some(line => line.startsWith('ready '))
      })
      started.stderr.setEncoding('utf8').on('data', (text: string) => {
        lastWords = `${lastWords}${text}`.slice(-LAST_WORDS_MAX)
      })
      if (!(await waitFor(() => ready || isOver(), READY_WITHIN_MS)) || !ready)
        throw new Error(`the system ${isOver() ? 'ended' : 'was not ready'}, and said:\n${lastWords}`)
    },
    async kill() {
      child?.kill('SIGKILL')
      if (!(await ended()) || !(await serversEnded()))
        throw new Error(`what was killed has not ended after ${END_WITHIN_MS / 1000} s`)
      return child?.pid ?? 0
    },
    async destroy() {
      isDestroyed = true
      if (!isOver()) child?.kill('SIGTERM')
      if (!(await ended())) child?.kill('SIGKILL')
      await serversEnded()
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
    killNow: () => void child?.kill('SIGKILL'),
  }
}

/** Whether it came true in time. */
export async function waitFor(isSo: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  for (const end = performance.now() + withinMs; performance.now() < end; await sleep(LOOK_EVERY_MS))
    if (await isSo()) return true
  return false
}
