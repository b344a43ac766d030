import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { TOPIC_BYTES_MAX } from '#engine/delivery/topics.ts'
import { classPathOf, fetchProgram, type Program, type Say } from './fetch.ts'
import { freePort, requireFree } from './ports.ts'
import { launch, type Running, jvmFlags } from './process.ts'
import { findJava } from './tools.ts'

export interface ServerOptions {
  /** On 127.0.0.1. */
  readonly port: number
  /** Where its data is; made if it is not there. Started again on the same folder, it has the same data. */
  readonly dir: string
  /** It will be under load for long: ready later, faster then. */
  readonly longLived?: boolean | undefined
  /** Gets every line that the server prints. */
  readonly log?: Say
  /** Gets the progress of a first fetch; standard error unless given. */
  readonly say?: Say
}

interface TlsListener {
  /** On 127.0.0.1. */
  readonly port: number
  /** A PKCS#12 file with the broker's key and its certificates. */
  readonly keystore: string
  readonly keystorePassword: string
}

/** A second listener, as a Kafka that another runs has it: TLS, and a user name with its password (SASL/PLAIN). */
export interface SecuredListener extends TlsListener {
  /** Passwords by user name. */
  readonly users: Readonly<Record<string, string>>
}

/**
 * A second listener, as MSK has it with IAM: TLS, and a signed request to connect, whose signer's access key is the user
 * (kafka/RoleSignIn.java). Users may do what Kafka's access control lists say, nothing without them. Who comes by the first
 * listener may do everything. What was allowed or denied to whom is logged.
 */
export interface RolesListener extends TlsListener {
  /** The users who are let in. */
  readonly mayConnect: readonly string[]
}

export interface KafkaOptions extends ServerOptions {
  /** The port that clients are told to come to, where that is another's: a proxy's. */
  readonly advertisedPort?: number
  readonly secured?: SecuredListener | RolesListener | undefined
}

export interface Kafka extends Running {
  /** `127.0.0.1:19092` */
  readonly brokers: string
}

/** Where Kafka's authorizer says what it decided: denials at `info`, all of it at `debug`. */
const AUDIT_LOGGER = 'kafka.authorizer.logger'

export const KAFKA: Program = { title: 'Kafka 4.3.0', folder: 'kafka', megabytes: 43 }

/** A Kafka broker with its controller on the loopback interface, ready for clients. Throws CannotStart for what a user can mend. */
export async function startKafka({
  port,
  advertisedPort = port,
  dir,
  longLived,
  log,
  say,
  secured,
}: KafkaOptions): Promise<Kafka> {
  const java = await findJava()
  const jars = await fetchProgram(KAFKA, java, say)
  for (const listening of [port, ...(secured ? [secured.port] : [])])
    await requireFree(listening, KAFKA.title, 'KAFKA_PORT')
  const folder = resolve(dir)
  await mkdir(folder, { recursive: true })
  const settings = join(folder, 'server.properties')
  await writeFile(
    settings,
    asProperties(settingsOf({ port, advertisedPort, secured }, await freePort(), join(folder, 'logs'))),
  )
  const running = await launch({
    title: KAFKA.title,
    java,
    port,
    setting: 'KAFKA_PORT',
    readyWithinSeconds: 60,
    log,
    args: [
      ...jvmFlags({ longLived }),
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-Dorg.slf4j.simpleLogger.showDateTime=true',
      ...(secured && 'mayConnect' in secured ? [`-Dorg.slf4j.simpleLogger.log.${AUDIT_LOGGER}=debug`] : []),
      '-cp',
      classPathOf(jars),
      'KafkaLauncher',
      settings,
    ],
  })
  return { ...running, brokers: `127.0.0.1:${port}` }
}

/** The controller's port may differ from start to start: its address is not part of the data. */
function settingsOf(
  { port, advertisedPort, secured }: Pick<KafkaOptions, 'port' | 'secured'> & { readonly advertisedPort: number },
  controllerPort: number,
  logs: string,
): Readonly<Record<string, string | number>> {
  const more = secured ? `,SASL_SSL://127.0.0.1:${secured.port}` : ''
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port}${more},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertisedPort}${more}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': logs,
    // Topics are made by whoever executes the templates; a misspelt one must be an error.
    'auto.create.topics.enable': 'false',
    // A broker that was killed may come back when its session has ended: the usual 9 s would be waiting for nothing.
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    'group.initial.rebalance.delay.ms': 0,
    'offsets.topic.num.partitions': 3,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // Kafka's own: each topic states its limit, and what no topic says must fail here as elsewhere.
    'message.max.bytes': TOPIC_BYTES_MAX,
    ...(secured && securityOf(secured)),
  }
}

function securityOf(listener: SecuredListener | RolesListener): Readonly<Record<string, string>> {
  return {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': resolve(listener.keystore),
    'ssl.keystore.password': listener.keystorePassword,
    ...('users' in listener ? passwordsOf(listener) : rolesOf(listener)),
  }
}

function passwordsOf({ users }: SecuredListener) {
  const known = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`)
  return {
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${known.join(' ')};`,
  }
}

const rolesOf = ({ mayConnect }: RolesListener) => ({
  'sasl.enabled.mechanisms': 'OAUTHBEARER',
  'listener.name.sasl_ssl.oauthbearer.sasl.jaas.config':
    'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;',
  'listener.name.sasl_ssl.oauthbearer.sasl.server.callback.handler.class': 'RoleSignIn',
  'recourse.may.connect': mayConnect.join(','),
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
})

const asProperties = (settings: Readonly<Record<string, string | number>>) =>
  Object.entries(settings)
    // A backslash of a Windows path is an escape in a properties file.
    .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '/')}\n`)
    .join('')
