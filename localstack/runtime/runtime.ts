import { hash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { CannotStart } from '../servers/index.ts'
import { createAvailability } from './availability.ts'
import { createTables } from './dynamodb/tables.ts'
import { type FunctionStats, startFunction, type ThreadedFunction } from './functions/function.ts'
import { openFunctionLog } from './functions/log.ts'
import { askFunctions } from './gateway/ask-functions.ts'
import { startGateway } from './gateway/gateway.ts'
import { signingKey } from './identity.ts'
import { kafkaClient } from './kafka/client.ts'
import { createTopics } from './kafka/topics.ts'
import { overrides } from './overrides.ts'
import { type Enforcement, type Permissions, prepareRoles } from './permissions/enforcement.ts'
import { sandboxRoutes } from './sandbox-routes.ts'
import { startSchedules } from './schedules.ts'
import { DYNAMODB, type Servers, startServers } from './servers.ts'
import { type Sources, startSources } from './sources.ts'
import { readCloudAssembly } from './template/cloud-assembly.ts'
import type { Plan } from './template/plan-types.ts'
import { planOf } from './template/plan.ts'
import { createTimeline, type SeenMessage } from './timeline.ts'

/**
 * Executes synthesized templates on this machine: their tables in DynamoDB Local, their topics on a Kafka broker, their
 * functions in threads, and everything that wakes those.
 */
export interface RuntimeOptions {
  /** Of the API, on 127.0.0.1; 0 for any free one. */
  readonly port: number
  readonly kafkaPort: number
  readonly dynamodbPort: number
  /** Keeps the data of Kafka, DynamoDB, the provider and the positions in streams. */
  readonly stateDir: string
  /** The servers will be under load for long: ready later, faster then. */
  readonly longLived?: boolean
  /** `host:port`, comma-separated: a broker to use instead of starting one. */
  readonly kafkaBrokers?: string | undefined
  /** A DynamoDB to use instead of starting one. */
  readonly dynamodbEndpoint?: string | undefined
  /** Seconds between two invocations of a schedule. */
  readonly sweepSeconds: number
  /** The folder of synthesized templates (`cdk.out`); a promise of it, so that synthesizing and the servers' start can overlap. */
  readonly cdkOut: string | Promise<string>
  /** How often a server that died is started again on its data; 3 unless given. */
  readonly restartsMax?: number
  /** Functions may do what these say; what else they try ends the run. Left out: everything. Only with a broker of its own. */
  readonly permissions?: Permissions | undefined
  /** Gets progress and what goes wrong, line by line. */
  readonly say: (line: string) => void
}

export interface Runtime {
  /** `http://127.0.0.1:3000` */
  readonly url: string
  readonly brokers: readonly string[]
  readonly dynamodbEndpoint: string
  /** The processes that it started: `Kafka`, `DynamoDB Local`. */
  readonly pids: () => Readonly<Record<string, number>>
  /** The file that holds what functions and servers print. */
  readonly logFile: string
  /** Rejects when a server is gone for good, or a permission is missing; never resolves. */
  readonly failed: Promise<never>
  /** The messages of a saga that were seen on the topics so far. */
  timeline(sagaId: string): readonly SeenMessage[]
  stats(): Promise<RuntimeStats>
  /** By the function's name; false if there is no such consumer. */
  pauseConsumer(name: string): Promise<boolean>
  resumeConsumer(name: string): Promise<boolean>
  /** The folder that a function's bundle was loaded from, by its name. */
  readonly bundles: ReadonlyMap<string, string>
  /** Goes on with another bundle; what is under way ends with the old one. Throws FunctionError if it can't be loaded. */
  swapFunction(name: string, folder: string): Promise<void>
  /** Ends everything that it started; again is harmless. */
  stop(): Promise<void>
}

export interface RuntimeStats {
  readonly functions: Readonly<Record<string, FunctionStats>>
  /** Records seen, by topic. */
  readonly messages: Readonly<Record<string, number>>
  /** Resident memory of this process, all its threads included. */
  readonly residentBytes: number
}

/** Milliseconds that what is under way gets to come to an end. */
const FINISH_WITHIN_MS = 5000

/** Resolves when `/health` answers 200. Throws what can't be started, after ending what was: CannotStart for what a user can mend. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { stateDir, say } = options
  if (options.permissions && options.kafkaBrokers !== undefined)
    throw new CannotStart('permissions are enforced by a broker of its own: do not give it another (KAFKA_BROKERS)')
  const availability = createAvailability()
  const timeline = createTimeline()
  const logFile = join(stateDir, 'logs', 'runtime.log')
  const log = openFunctionLog(logFile, say)
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {})
  const functions = new Map<string, ThreadedFunction>()
  const functionOf = (name: string): ThreadedFunction => {
    const fn = functions.get(name)
    if (!fn) throw new Error(`the templates name a function ${name} that was not started`)
    return fn
  }
  /** What was started, latest first. */
  const stops: (() => Promise<unknown> | void)[] = []
  let stopped: Promise<void> | undefined
  const stop = () =>
    (stopped ??= (async () => {
      availability.release()
      for (let end = stops.shift(); end; end = stops.shift()) await end()
      await log.close()
    })())
  /** What is started after something else has failed would never be ended. */
  const goOn = () => {
    if (stopped) throw new Error('the runtime is stopping')
  }
  const ending = (end: () => Promise<unknown> | void) => void stops.unshift(end)

  async function startAll() {
    const gateway = await startGateway({
      port: options.port,
      key: signingKey(),
      show: say,
    })
    ending(() => gateway.stop())

    const own = [
      ...(options.kafkaBrokers === undefined ? ['Kafka'] : []),
      ...(options.dynamodbEndpoint === undefined ? ['DynamoDB Local'] : []),
      'the payment provider',
    ]
    const roles =
      options.permissions &&
      (await prepareRoles(options.permissions, { folder: stateDir, fail: error => failed.reject(error) }))
    say(`starting ${own.join(', ')} …`)
    const serversStart = startServers({
      ...options,
      restartsMax: options.restartsMax ?? 3,
      availability,
      kafkaRoles: roles?.listener,
      log: (server, line) => void (roles?.handles(line) || log.write(server, 'out', line)),
      onDead: error => failed.reject(error),
    })
    ending(async () => (await serversStart.catch(() => undefined))?.stop())
    const [servers, plan] = await Promise.all([
      serversStart,
      Promise.resolve(options.cdkOut).then(folder => planOf(readCloudAssembly(folder))),
    ])

    const enforcement = await roles?.enforce({ ...servers, show: say })
    ending(() => enforcement?.stop())
    say(
      `creating ${plan.tables.length} tables and ${plan.topics.length} topics, loading ${plan.functions.length} functions …`,
    )
    ending(() => Promise.all([...functions.values()].map(fn => fn.stop())))
    const [streamArns] = await Promise.all([
      createTables(servers.dynamodbEndpoint, plan.tables),
      createTopics(kafkaClient(servers.brokers, 'recourse-runtime'), plan.topics, {
        say,
        released: availability.released,
      }),
      startFunctions(plan, servers, enforcement),
    ])
    goOn()
    say(`joining ${plan.kafkaSources.length} consumer groups …`)
    const sources = await startSources(plan, {
      ...servers,
      streamArns,
      stateDir,
      availability,
      timeline,
      functionOf,
      as: enforcement,
      say,
    })
    ending(() => Promise.race([sources.stop(), after(FINISH_WITHIN_MS)]))
    const schedules = startSchedules(plan.schedules, {
      functionOf,
      everySeconds: options.sweepSeconds,
      up: availability.allUp,
      show: say,
    })
    ending(() => schedules.stop())
    gateway.open(
      plan.routes,
      askFunctions(functions, {
        apiId: `local-${hash('sha256', resolve(stateDir), 'base64url').slice(0, 10)}`,
        unavailable: () => (availability.isDown(DYNAMODB) ? `${DYNAMODB} is being started again.` : undefined),
        show: say,
      }),
      sandboxRoutes(servers.provider, () => sources),
    )
    return { gateway, servers, sources, bundles: new Map(plan.functions.map(fn => [fn.name, fn.folder])) }
  }

  async function startFunctions(plan: Plan, servers: Servers, enforcement: Enforcement | undefined) {
    await Promise.all(
      plan.functions.map(async fn => {
        const environment = {
          ...overrides(fn.environment, servers),
          ...enforcement?.environmentOf(fn.name, fn.environment),
        }
        const started = await startFunction(fn, environment, log.write, enforcement?.certificate)
        functions.set(fn.name, started)
        if (stopped) await started.stop()
      }),
    )
  }

  let started: {
    gateway: { url: string }
    servers: Servers
    sources: Sources
    bundles: ReadonlyMap<string, string>
  }
  try {
    started = await Promise.race([startAll(), failed.promise])
  } catch (error) {
    await stop()
    throw error
  }
  const { gateway, servers, sources, bundles } = started
  return {
    url: gateway.url,
    brokers: servers.brokers,
    dynamodbEndpoint: servers.dynamodbEndpoint,
    pids: servers.pids,
    logFile,
    failed: failed.promise,
    timeline: sagaId => timeline.of(sagaId),
    pauseConsumer: name => sources.pause(name),
    resumeConsumer: name => sources.resume(name),
    bundles,
    swapFunction: (name, folder) => functionOf(name).swap(folder),
    async stats() {
      const all = await Promise.all([...functions].map(async ([name, fn]) => [name, await fn.stats()] as const))
      return {
        functions: Object.fromEntries(all),
        messages: timeline.counts(),
        residentBytes: process.memoryUsage().rss,
      }
    },
    stop,
  }
}

const after = (ms: number) =>
  new Promise<void>(resolve => {
    setTimeout(resolve, ms).unref()
  })
