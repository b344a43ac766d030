import { join } from 'node:path'
import { startSandboxProvider, type SandboxProvider } from '../sandbox/provider.ts'
import {
  type DynamoDb,
  type Kafka,
  requireFree,
  type RolesListener,
  startDynamoDb,
  startKafka,
  supervise,
  type Supervised,
  together,
} from '../servers/index.ts'
import type { Availability } from './availability.ts'
import type { Addresses } from './overrides.ts'

const KAFKA = 'Kafka'
export const DYNAMODB = 'DynamoDB Local'

export interface ServersOptions {
  readonly kafkaPort: number
  readonly dynamodbPort: number
  readonly stateDir: string
  /** The servers will be under load for long: ready later, faster then. */
  readonly longLived?: boolean | undefined
  /** `host:port`, comma-separated: used instead of a broker of our own. */
  readonly kafkaBrokers?: string | undefined
  /** A second listener of our own broker, for functions that sign in. */
  readonly kafkaRoles?: RolesListener | undefined
  /** Used instead of a DynamoDB of our own. */
  readonly dynamodbEndpoint?: string | undefined
  /** How often a server that died is started again. */
  readonly restartsMax: number
  readonly availability: Availability
  /** Gets each line that the servers print. */
  readonly log: (server: string, line: string) => void
  readonly say: (line: string) => void
  /** A server is gone for good. */
  readonly onDead: (error: Error) => void
}

/** A server of this machine and its process, for whoever wants to end it. */
export interface Servers extends Addresses {
  readonly provider: SandboxProvider
  readonly pids: () => Readonly<Record<string, number>>
  stop(): Promise<void>
}

/** Starts all at once, on their data in `stateDir`. If one can't be started the others are ended, and its error is thrown. */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const { kafkaPort, dynamodbPort, stateDir, longLived, kafkaBrokers, dynamodbEndpoint, log, say } = options
  const server = <S extends Kafka | DynamoDb>(title: string, start: () => Promise<S>) =>
    supervised(title, start, options)
  // Before anything is started: a taken port is told at once, not after the other server has come up for nothing.
  await Promise.all([
    kafkaBrokers === undefined ? requireFree(kafkaPort, KAFKA, 'KAFKA_PORT') : undefined,
    dynamodbEndpoint === undefined ? requireFree(dynamodbPort, DYNAMODB, 'DYNAMODB_PORT') : undefined,
  ])
  const {
    started: [kafka, dynamodb, provider],
    stop,
  } = await together([
    kafkaBrokers === undefined
      ? server(KAFKA, () =>
          startKafka({
            port: kafkaPort,
            dir: join(stateDir, 'kafka'),
            longLived,
            secured: options.kafkaRoles,
            log: line => log(KAFKA, line),
            say,
          }),
        )
      : undefined,
    dynamodbEndpoint === undefined
      ? server(DYNAMODB, () =>
          startDynamoDb({
            port: dynamodbPort,
            dir: join(stateDir, 'dynamodb'),
            longLived,
            log: line => log(DYNAMODB, line),
            say,
          }),
        )
      : undefined,
    startSandboxProvider({ ledgerFile: join(stateDir, 'charges.jsonl') }),
  ])
  return {
    brokers: kafka ? [kafka.current.brokers] : (kafkaBrokers ?? '').split(',').map(broker => broker.trim()),
    dynamodbEndpoint: dynamodb?.current.endpoint ?? dynamodbEndpoint ?? '',
    providerUrl: provider.url,
    provider: provider,
    pids: () => ({
      ...(kafka && { [KAFKA]: kafka.current.pid }),
      ...(dynamodb && { [DYNAMODB]: dynamodb.current.pid }),
    }),
    stop,
  }
}

function supervised<S extends Kafka | DynamoDb>(
  title: string,
  start: () => Promise<S>,
  { availability, restartsMax, say, onDead }: ServersOptions,
): Promise<Supervised<S>> {
  return supervise({
    title,
    start,
    restartsMax,
    onRestart(why, restart) {
      availability.lost(title)
      say(`${why}: starting it again on its data (${restart} of ${restartsMax}) …`)
    },
    onUp() {
      availability.back(title)
      say(`${title} is up again`)
    },
    onDead(error) {
      availability.lost(title)
      onDead(error)
    },
  })
}
