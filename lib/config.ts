/**
 * The settings of a stage, checked before anything is synthesized. A deployment is one stage: `-c stage=prod`.
 * To add one, add an entry to `stages`; what it leaves out has the default that is written beside the setting.
 */
import * as z from 'zod'
import { quotings } from '../lambdas/quoting.ts'

const awsId = (kind: string) => new RegExp(`^${kind}-([0-9a-f]{8}|[0-9a-f]{17})$`)
const days = z.int().min(1).max(3650)
/** As policies name it: without the last six characters AWS lets nobody read it, and says only that access is denied. */
const secretArn = z
  .string()
  .regex(
    /^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$/,
    'the whole ARN of a secret, with the hyphen and six characters that Secrets Manager adds',
  )
const topicName = z
  .string()
  .regex(/^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,198}[a-zA-Z0-9])?$/, 'letters, digits, dot, underscore, hyphen')
  .refine(name => !name.endsWith('.dlq'), 'ends with .dlq, as only dead-letter topics do')

const Kafka = z.discriminatedUnion('kind', [
  z.strictObject({
    /** Amazon MSK with Express brokers: no storage to size, replication factor 3. */
    kind: z.literal('msk-express'),
    instanceType: z
      .string()
      .regex(/^express\.m7g\.\d*x?large$/, 'such as express.m7g.large')
      .default('express.m7g.large'),
    brokers: z.int().multipleOf(3, 'a multiple of the three availability zones').min(3).default(3),
  }),
  z.strictObject({
    /** Amazon MSK with Standard brokers: cheaper at rest, storage is ours to size. */
    kind: z.literal('msk-standard'),
    instanceType: z
      .string()
      .regex(/^kafka\.(m7g|m5)\.\d*x?large$/, 'such as kafka.m7g.large')
      .default('kafka.m7g.large'),
    brokers: z.int().multipleOf(3, 'a multiple of the three availability zones').min(3).default(3),
    /** For each broker. */
    storageGiB: z.int().min(1).max(16384).default(100),
  }),
  z.strictObject({
    /** An MSK cluster (provisioned, IAM authentication, Kafka 3.6 or newer) that is there already, with its network. */
    kind: z.literal('msk-existing'),
    clusterArn: z
      .string()
      .regex(/^arn:aws[\w-]*:kafka:[\w-]+:\d{12}:cluster\/[^/]+\/[^/]+$/, 'the ARN of an MSK cluster'),
    vpcId: z.string().regex(awsId('vpc'), 'vpc- and 8 or 17 hexadecimal digits'),
    /** One in each zone of the cluster, with a way to DynamoDB (a gateway endpoint). */
    subnetIds: z.array(z.string().regex(awsId('subnet'), 'subnet- and 8 or 17 hexadecimal digits')).min(2),
    /** The brokers' own group: it is told to let our functions in. */
    securityGroupId: z.string().regex(awsId('sg'), 'sg- and 8 or 17 hexadecimal digits'),
  }),
  z.strictObject({
    /** Any other Kafka that the internet can reach by TLS with a user name: Event Hubs, Redpanda, Confluent. Its topics are yours to create. */
    kind: z.literal('self-managed'),
    bootstrapServers: z.array(z.string().regex(/^[\w.-]+:\d{2,5}$/, 'host:port')).min(1),
    /** A secret of Secrets Manager in the stage's region: `{"username": …, "password": …}`, for SASL/PLAIN. */
    secretArn,
    /** Another, `{"certificate": "<PEM>"}`: the root certificate of brokers whose authority nobody else knows. */
    rootCertificateSecretArn: secretArn.optional(),
  }),
])

export const Settings = z.strictObject({
  kafka: Kafka,
  /** How the quoting domain is wired. */
  quoting: z.enum(quotings).default('orchestration'),
  /** Before every topic and consumer group, so that environments can share a cluster. */
  topicPrefix: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{0,40}$/, 'letters, digits, dot, underscore, hyphen')
    .default(''),
  /**
   * Other names for the catalog's topics, and with them for their dead-letter topics and groups; the prefix comes before
   * them too. Two may be given one name, and are one topic then. For Azure Event Hubs: `lambdas/topic-names.ts`.
   */
  topicNames: z.record(topicName, topicName).default({}),
  /** Of every topic and dead-letter topic. It can grow later, though keys then move between partitions. */
  partitions: z.int().min(1).max(200).default(12),
  retention: z
    .strictObject({
      /** Shorter than the items live that remember a topic's messages, so that a replay can't start a saga twice. */
      topicDays: days.default(7),
      deadLetterDays: days.default(30),
      logDays: z
        .literal([1, 3, 5, 7, 14, 30, 60, 90, 180, 365, 731, 3653], 'a number of days that CloudWatch Logs has')
        .default(30),
    })
    .prefault({}),
  /** Event pollers of each mapping: one moves about 5 MB/s. The mappings share what they pay for. */
  pollers: z
    .strictObject({ minimum: z.int().min(1).max(200).default(1), maximum: z.int().min(1).max(2000).default(2) })
    .refine(p => p.minimum <= p.maximum, { message: 'more than the maximum', path: ['minimum'] })
    .prefault({}),
  /** Point-in-time recovery and protection from deletion for what can't be made again. */
  protectData: z.boolean().default(true),
  /** What functions ask for beside tables and Kafka, by variable: `PAYMENT_PROVIDER_URL`. `QUOTING` is `quoting`. */
  environment: z
    .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string().min(1))
    .refine(variables => !Object.hasOwn(variables, 'QUOTING'), { message: 'set `quoting` instead', path: ['QUOTING'] })
    .default({}),
})
export type Settings = z.output<typeof Settings>
export type KafkaSettings = Settings['kafka']
/** A stage's settings as they are written: what has a default may be left out. */
export type SettingsInput = z.input<typeof Settings>

export interface StageSettings extends Settings {
  /** `dev`: part of every name. */
  readonly stage: string
  /** What stands before a table's or function's name: `dev-`, and nothing on one machine. */
  readonly namePrefix: string
}

export const stages: { readonly [stage: string]: SettingsInput } = {
  /** What `npm start` executes on one machine: the runtime puts its own addresses in the place of the cluster and the URL. */
  local: {
    kafka: { kind: 'msk-express' },
    partitions: 3,
    protectData: false,
    environment: { PAYMENT_PROVIDER_URL: 'http://127.0.0.1', PREMIUM_MAX: '10000' },
  },
  dev: {
    kafka: { kind: 'msk-express' },
    partitions: 3,
    retention: { logDays: 14 },
    environment: { PAYMENT_PROVIDER_URL: 'https://payments.example.com', PREMIUM_MAX: '10000' },
  },
  prod: {
    kafka: { kind: 'msk-express' },
    retention: { logDays: 90 },
    pollers: { minimum: 1, maximum: 12 },
    environment: { PAYMENT_PROVIDER_URL: 'https://payments.example.com', PREMIUM_MAX: '10000' },
  },
}

/**
 * A stage's settings with their defaults; `overrides` replace settings whole.
 * Throws a SettingsError whose every line names a setting and what it must be.
 */
export function settingsOf(stage: string, overrides: Partial<SettingsInput> = {}): StageSettings {
  const written = Object.hasOwn(stages, stage) ? stages[stage] : undefined
  if (!written)
    throw new SettingsError(`stage "${stage}" is not in lib/config.ts: it has ${Object.keys(stages).join(', ')}`)
  return parseSettings(stage, { ...written, ...overrides })
}

export function parseSettings(stage: string, input: unknown): StageSettings {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage))
    throw new SettingsError(
      `stage "${stage}": at most 20 lower-case letters, digits and hyphens, since it is part of every name`,
    )
  const parsed = Settings.safeParse(input)
  if (!parsed.success) {
    const lines = parsed.error.issues.map(issue => `  ${issue.path.join('.') || 'settings'}: ${issue.message}`)
    throw new SettingsError(`the settings of stage "${stage}" (lib/config.ts) are wrong:\n${lines.join('\n')}`)
  }
  const environment = { ...parsed.data.environment, QUOTING: parsed.data.quoting }
  return { ...parsed.data, environment, stage, namePrefix: stage === 'local' ? '' : `${stage}-` }
}

/** What is wrong with a stage, in words that need no stack trace. */
export class SettingsError extends Error {}
