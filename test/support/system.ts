import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { anyFreePort, familyOf, isFree, type Process, processes } from './processes.ts'
import { until } from './until.ts'

/**
 * The whole system as a user starts it: `node scripts/bootstrap.mjs localstack/start.ts` as a child, on free ports, with
 * a temporary folder of its own. Seen only from outside: what it prints, its processes, its ports.
 */
export interface System {
  readonly ports: Ports
  /** `http://127.0.0.1:<PORT>` */
  readonly url: string
  /** `127.0.0.1:<KAFKA_PORT>` */
  readonly brokers: string
  /** Of DynamoDB Local. */
  readonly endpoint: string
  /** What temporary folders are made in. */
  readonly folder: string
  stdout(): string
  stderr(): string
  /** What functions and servers have printed into its temporary folder so far. */
  logs(): Promise<string>
  /** Resolves with the line that begins with `ready`. Throws if it ends before. */
  ready(): Promise<string>
  /** Resolves with the exit code. Throws, with what it printed, if it does not end within that time. */
  ended(withinMs: number): Promise<number | null>
  /** To the process that `npm start` would start. */
  signal(signal: NodeJS.Signals): void
  /** As a terminal's Ctrl-C: to that process and its children at once. */
  signalGroup(signal: NodeJS.Signals): void
  /** The process that runs `localstack/start.ts`. */
  runtimePid(): Promise<number>
  /** The Java processes that work in its folders: `kafka`, `dynamodb`. */
  javaPids(): Promise<{ readonly kafka?: number; readonly dynamodb?: number }>
  /** What is there of it once it has ended: processes, ports, temporary folders. All empty is as it should be. `others`: ports that were never its. */
  leftovers(others?: readonly number[]): Promise<Leftovers>
  /** Sends SIGTERM, unless told, and waits for its end: SIGINT and SIGHUP to its whole group, as a terminal does, another to that one process. */
  stop(signal?: 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGKILL'): Promise<{ code: number | null } & Leftovers>
  /** Ends by force what may be left, and removes its folder. For the end of every test. */
  destroy(): Promise<void>
}

export interface Ports {
  readonly PORT: number
  readonly KAFKA_PORT: number
  readonly DYNAMODB_PORT: number
}

export interface Leftovers {
  readonly processes: readonly string[]
  readonly ports: readonly number[]
  readonly folders: readonly string[]
}

export const nothingLeft: Leftovers = { processes: [], ports: [], folders: [] }

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
/** Warm it takes under 15 s; a busy machine with a cold cache takes longer. */
const READY_WITHIN_MS = 120_000
const END_WITHIN_MS = 30_000
const LEFT_WITHIN_MS = 8_000

export interface LaunchOptions {
  /** What follows `npm start --`. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Free ones unless given. */
  readonly ports?: Ports
  /** By `npm start` itself: npm, its shell, and the program below. */
  readonly byNpm?: boolean
  /** Another than `localstack/start.ts`. */
  readonly script?: string
  /** Of a copy of the repository, with its `node_modules`. */
  readonly repository?: string
}

export async function freePorts(): Promise<Ports> {
  const [PORT, KAFKA_PORT, DYNAMODB_PORT] = await Promise.all([anyFreePort(), anyFreePort(), anyFreePort()])
  return { PORT, KAFKA_PORT, DYNAMODB_PORT }
}

/** Starts it and does not wait. Whoever launches must `destroy`. */
export async function launch({
  args = [],
  env = {},
  ports: given,
  byNpm = false,
  script = 'localstack/start.ts',
  repository = root,
}: LaunchOptions = {}): Promise<System> {
  const ports = given ?? (await freePorts())
  const folder = await mkdtemp(join(tmpdir(), 'recourse-e2e-'))
  const variables = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]))
  const [program, ...before] = byNpm ? ['npm', 'start', '--'] : [process.execPath, 'scripts/bootstrap.mjs', script]
  const child = spawn(program, [...before, ...args], {
    cwd: repository,
    // A group of its own, as a shell gives to a command: Ctrl-C of these tests is not its own.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder, ...variables, ...env },
  })
  const pid = child.pid ?? 0
  const printed = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => void (printed[stream] += text))
  let exit: { code: number | null } | undefined
  child.on('exit', code => (exit = { code }))

  const works = [folder, ...(env['STATE_DIR'] === undefined ? [] : [env['STATE_DIR']])]
  const isOurs = ({ command }: Process) => works.some(where => command.includes(where))
  const seen = new Map<number, string>()
  /** What it started, by what is told of it now and by what was seen earlier. */
  const ownProcesses = async () => {
    const all = await processes()
    for (const { pid: of, command } of familyOf(pid, all)) seen.set(of, command)
    return all.filter(each => isOurs(each) || seen.get(each.pid) === each.command)
  }
  const output = () => `\n--- standard output\n${printed.stdout}\n--- standard error\n${printed.stderr}`

  const system: System = {
    ports,
    url: `http://127.0.0.1:${ports.PORT}`,
    brokers: `127.0.0.1:${ports.KAFKA_PORT}`,
    endpoint: `http://127.0.0.1:${ports.DYNAMODB_PORT}`,
    folder,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    async logs() {
      const files = (await readdir(folder, { recursive: true })).filter(name => name.endsWith('runtime.log'))
      return (await Promise.all(files.map(name => readFile(join(folder, name), 'utf8')))).join('\n')
    },
    async ready() {
      const line = await until('the line "ready"', READY_WITHIN_MS, () => {
        if (exit) throw new Error(`it ended with code ${exit.code} before it was ready${output()}`)
        return printed.stdout.split('\n').find(text => text.startsWith('ready '))
      })
      await ownProcesses()
      return line
    },
    async ended(withinMs) {
      try {
        return (await until('its end', withinMs, () => exit)).code
      } catch (error) {
        throw new Error(`it did not end${output()}`, { cause: error })
      }
    },
    signal: signal => void child.kill(signal),
    signalGroup(signal) {
      try {
        process.kill(-pid, signal)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
      }
    },
    runtimePid: () =>
      until('the process of localstack/start.ts', 10_000, async () => {
        const family = familyOf(pid, await processes())
        return family.find(each => each.pid !== pid && each.command.includes('localstack/start.ts'))?.pid
      }),
    async javaPids() {
      const java = (await processes()).filter(isOurs).filter(({ command }) => /^\S*java /.test(command))
      const kafka = java.find(({ command }) => command.includes('Kafka'))?.pid
      const dynamodb = java.find(({ command }) => command.includes('DynamoDb'))?.pid
      return { ...(kafka !== undefined && { kafka }), ...(dynamodb !== undefined && { dynamodb }) }
    },
    async leftovers(others = []) {
      let left: Leftovers = nothingLeft
      const look = async (): Promise<Leftovers> => ({
        processes: (await ownProcesses()).map(({ pid: of, command }) => `${of} ${command}`),
        ports: await takenOf((Object.values(ports) as number[]).filter(port => !others.includes(port))),
        // npm's Node leaves its own cache there.
        folders: (await readdir(folder)).filter(name => name !== 'node-compile-cache'),
      })
      await until('nothing to be left', LEFT_WITHIN_MS, async () => {
        left = await look()
        return left.processes.length === 0 && left.ports.length === 0
      }).catch(() => undefined)
      return left
    },
    async stop(signal = 'SIGTERM') {
      await ownProcesses()
      if (signal === 'SIGINT' || signal === 'SIGHUP') system.signalGroup(signal)
      else system.signal(signal)
      const code = await system.ended(END_WITHIN_MS)
      return { code, ...(await system.leftovers()) }
    },
    async destroy() {
      for (const { pid: of } of await ownProcesses())
        try {
          process.kill(of, 'SIGKILL')
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
        }
      await until('the end of what was killed', END_WITHIN_MS, async () => (await ownProcesses()).length === 0)
      await rm(folder, { recursive: true, force: true })
    },
  }
  return system
}

/** For `beforeEach`: a test that fails shows what the system said, and the exceptions in its log. */
export const tellWhenFailed =
  (system: () => System | undefined) =>
  ({ onTestFailed }: { onTestFailed: (tell: () => Promise<void>) => void }) => {
    onTestFailed(async () => {
      const failed = system()
      if (!failed) return
      const exceptions = (await failed.logs())
        .split('\n')
        .filter(line => /Exception|ERROR/.test(line))
        .slice(-20)
      process.stderr.write(`--- the system said\n${failed.stderr().slice(-6000)}\n${exceptions.join('\n')}\n`)
    })
  }

async function takenOf(ports: readonly number[]): Promise<number[]> {
  const free = await Promise.all(ports.map(isFree))
  return ports.filter((_, i) => free[i] === false)
}
