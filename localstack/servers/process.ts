import { spawn } from 'node:child_process'
import { byLine } from './by-line.ts'
import type { Say } from './fetch.ts'
import { portIsTaken } from './ports.ts'

/** A server that is up. */
export interface Running {
  readonly port: number
  readonly pid: number
  /** Ends it in order, by force after ten seconds. Resolves when it has ended; again is harmless. */
  stop(): Promise<void>
  kill(signal: NodeJS.Signals): void
  /** Resolves when the process has ended, whyever. */
  readonly exited: Promise<Exit>
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Whether `stop` was asked for. */
  readonly expected: boolean
  /** The last lines that it printed. */
  readonly lastLines: readonly string[]
}

export interface Launch {
  readonly title: string
  readonly java: string
  readonly args: readonly string[]
  readonly port: number
  /** What the user sets to choose the port: `KAFKA_PORT`. */
  readonly setting: string
  /** The launcher prints `ready` within this time. */
  readonly readyWithinSeconds: number
  readonly log?: Say | undefined
}

/**
 * A server usually lives for minutes on a machine that has other work: code that is compiled quickly once, and one
 * collector without threads of its own, make it several times sooner ready and leave the cores to the functions. Under
 * load for long, code that is compiled well is worth its wait.
 */
export const jvmFlags = ({ longLived = false }: { readonly longLived?: boolean | undefined }): string[] => [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  ...(longLived ? [] : ['-XX:TieredStopAtLevel=1']),
]

const LINES_KEPT = 40
const STOP_WITHIN_MS = 10_000

/** Starts a launcher and waits for its line `ready`. Throws CannotStart if the port is taken, else an Error with its last lines. */
export async function launch(what: Launch): Promise<Running> {
  // Standard input stays open and silent: the launcher ends when it closes, so also when this process is killed.
  // In a group of its own: Ctrl-C is for this process, which ends the servers in order.
  const child = spawn(what.java, [...what.args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  })
  // A process that exits in order takes it along at once; one that is killed closes standard input.
  const endWithUs = () => void child.kill('SIGKILL')
  process.prependListener('exit', endWithUs)
  child.once('close', () => process.removeListener('exit', endWithUs))
  const lastLines: string[] = []
  let expected = false
  let onReady: () => void = () => {}
  const ready = new Promise<'ready'>(resolve => {
    onReady = () => resolve('ready')
  })
  const addLine = (line: string) => {
    if (line === 'ready') onReady()
    lastLines.push(line)
    if (lastLines.length > LINES_KEPT) lastLines.shift()
    what.log?.(line)
  }
  byLine(child.stdout, line => addLine(line.trimEnd()))
  byLine(child.stderr, line => addLine(line.trimEnd()))
  // A write to a launcher that has ended is no news: `exited` tells.
  child.stdin.on('error', () => {})

  const exited = new Promise<Exit>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, expected, lastLines }))
  })
  // Whoever awaits `exited` gets the rejection too; this keeps a start that failed from being an unhandled one.
  exited.catch(() => {})

  const stop = async () => {
    expected = true
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
    await exited.finally(() => clearTimeout(force))
  }

  const first = await Promise.race([ready, exited, after(what.readyWithinSeconds * 1000)])
  if (first === 'late') {
    child.kill('SIGKILL')
    throw new Error(`${what.title} was not ready after ${what.readyWithinSeconds} s:\n${lastLines.join('\n')}`)
  }
  if (first !== 'ready') {
    if (/Address already in use|BindException/.test(lastLines.join('\n')))
      throw portIsTaken(what.port, what.title, what.setting)
    throw new Error(`${what.title} ended while it started (${describeExit(first)}):\n${lastLines.join('\n')}`)
  }
  return { port: what.port, pid: child.pid ?? 0, stop, kill: signal => void child.kill(signal), exited }
}

export const describeExit = ({ code, signal }: Pick<Exit, 'code' | 'signal'>) =>
  signal ? `by ${signal}` : `with code ${code}`

function after(ms: number): Promise<'late'> {
  return new Promise(resolve => {
    setTimeout(() => resolve('late'), ms).unref()
  })
}
