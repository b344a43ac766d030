/** What `npm start` and `npm run local:docker` have in common: scenarios once everything is up, and one orderly end. */
import { copyFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { lines } from '../client/terminal-text.ts'
import type { Chosen } from '../lambdas/catalog.ts'
import { whenToldToEnd } from './runtime/ending.ts'
import { keyFolder, signToken } from './runtime/identity.ts'
import { endSynthesis } from './runtime/synth.ts'
import type { TimelineRow } from './scenarios/play.ts'
import { playsFor } from './scenarios/of-domains.ts'
import { runScenarios } from './scenarios/run.ts'
import { CannotStart } from './servers/index.ts'
import { lockState } from './state-lock.ts'

/** A system that is up. */
export interface Started {
  readonly url: string
  /** Rejects when something that it needs is gone for good; never resolves. */
  readonly failed: Promise<never>
  /** The file that holds what functions and servers print, if it is here. */
  readonly logFile?: string
  timeline(sagaId: string): readonly TimelineRow[]
  stop(): Promise<void>
}

export interface SessionOptions {
  /** Ends after the scenarios, with 0 only if each ended as it should. */
  readonly once: boolean
  /** The scenarios; without them it is just up. */
  readonly demo?: boolean
  readonly chosen: Chosen
  /** Where everything is kept, by one start at a time; a temporary folder if left out. */
  readonly stateDir: string | undefined
  /** What a user reads once it is up. */
  readonly whatToTry: (url: string) => string
  readonly start: (session: Session) => Promise<Started>
}

export interface Session {
  /** Exists, and is removed at the end if it is temporary. */
  readonly folder: string
  /** Progress, to standard error; of no interest once everything is being ended. */
  readonly say: (line: string) => void
  readonly seconds: () => string
}

/** Milliseconds until this process ends anyway, and with it what it started. */
const END_WITHIN_MS = 15_000
const LAST_LOG = join(keyFolder, 'last-run.log')

/** Runs until it is told to end, and then ends this process. `prepare` reads what the user set; it may throw CannotStart. */
export async function runSession(prepare: () => SessionOptions): Promise<void> {
  const since = performance.now()
  let options: SessionOptions | undefined
  let running: Started | undefined
  /** Removed at the end. */
  let temporary: string | undefined
  let exiting = false

  /** Progress goes to standard error, results to standard output. */
  const say = (line: string) => void process.stderr.write(`${lines(line)}\n`)
  const print = (text: string) => void process.stdout.write(`${lines(text)}\n`)
  const report = (line: string) => {
    if (!exiting) say(line)
  }
  const seconds = () => `${((performance.now() - since) / 1000).toFixed(1)} s`

  whenToldToEnd(
    (signal, code) => {
      if (exiting) process.exit(code)
      say(`${signal}: stopping …`)
      void end(running && !options?.once ? 0 : code)
    },
    // What was started ends with this process.
    code => process.exit(code),
  )
  process.on('uncaughtException', error => void fail(error))
  process.on('exit', cleanUp)

  try {
    options = prepare()
    await run(options)
  } catch (error) {
    await fail(error)
  }

  async function run({ once, demo = true, chosen, stateDir, whatToTry, start }: SessionOptions) {
    running = await start({ folder: await stateFolder(stateDir), say: report, seconds })
    running.failed.catch((error: unknown) => void fail(error))
    print(`ready ${running.url}`)
    say(`everything is up after ${seconds()}`)
    const ok = !demo || (await showScenarios(running, chosen))
    if (once) return end(ok ? 0 : 1)
    print(whatToTry(running.url))
  }

  async function showScenarios({ url, timeline }: Started, chosen: Chosen): Promise<boolean> {
    const { ok } = await runScenarios({
      url,
      plays: playsFor(chosen),
      token: (sub, groups = []) => signToken({ sub, groups }),
      timeline,
      print,
    })
    return ok
  }

  async function stateFolder(stateDir: string | undefined): Promise<string> {
    if (stateDir === undefined) return (temporary = await mkdtemp(join(tmpdir(), 'recourse-')))
    const folder = resolve(stateDir)
    lockState(folder)
    return folder
  }

  async function fail(error: unknown) {
    if (exiting) return
    if (error instanceof CannotStart) say(`recourse: ${error.message}`)
    else say(`recourse: ${error instanceof Error ? withCauses(error) : String(error)}`)
    await end(1)
  }

  /** Ends everything in order, then this process; a start that is under way ends with it. */
  async function end(code: number) {
    if (exiting) return
    exiting = true
    setTimeout(() => process.exit(code), END_WITHIN_MS).unref()
    await endSynthesis()
    await running?.stop().catch((error: unknown) => say(`stopping: ${String(error)}`))
    process.exit(code)
  }

  /** What functions and servers printed is kept where a user finds it; a folder that was made for this run alone is not. */
  function cleanUp(code: number) {
    try {
      if (code === 1 && running?.logFile !== undefined) {
        copyFileSync(running.logFile, LAST_LOG)
        say(`what functions and servers printed is in ${LAST_LOG}`)
      }
      // The servers are ended by now, whatever made this process exit.
      if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
    } catch (error) {
      say(`cleaning up: ${String(error)}`)
    }
  }
}

function withCauses(error: Error): string {
  const cause = error.cause instanceof Error ? `\n  because ${withCauses(error.cause)}` : ''
  return `${error.message}${cause}`
}
