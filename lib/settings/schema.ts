/** What can be set for a stage: each setting with what it must be, and its default. */
import * as z from 'zod'
import { type Choice, settingFields } from '#engine/catalog/choices.ts'
import { choices } from '../../lambdas/catalog.ts'
import { Kafka, secretArn } from './kafka.ts'

const days = z.int().min(1).max(3650)
const topicName = z
  .string()
  .regex(/^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,198}[a-zA-Z0-9])?$/, 'letters, digits, dot, underscore, hyphen')
  .refine(name => !name.endsWith('.dlq'), 'ends with .dlq, as only dead-letter topics do')

/** What a function reads from its environment is shown to everyone who may see the function. */
const variables = z
  .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'upper-case letters, digits, underscore'), z.string().min(1))
  .superRefine((all, context) => {
    const refuse = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message })
    for (const [name, value] of Object.entries(all)) {
      const chosenBy = Object.entries<Choice>(choices).find(([, { variable }]) => variable === name)?.[0]
      if (chosenBy !== undefined) refuse(name, `set \`${chosenBy}\` instead`)
      else if (
        /(SECRET|PASSWORD|TOKEN|CREDENTIAL|(API|PRIVATE|ACCESS)_?KEY)/.test(name) &&
        !secretArn.safeParse(value).success
      )
        refuse(name, 'a secret: keep it in Secrets Manager, and put the whole ARN of that secret here')
      else if (/^\w+:\/\/[^/@]+@/.test(value))
        refuse(name, 'an address with a password in it: keep that in Secrets Manager')
    }
  })

export const Settings = z.strictObject({
  kafka: Kafka,
  /** Of a VPC of ours; `msk-existing` brings its own, and `self-managed` needs none. */
  network: z
    .strictObject({
      /** Six subnets of 1,024 addresses fit in. It can't change later without a new VPC. */
      cidr: z
        .string()
        .regex(
          /^(10\.\d{1,3}|172\.(1[6-9]|2\d|3[01])|192\.168)\.\d{1,3}\.0\/(1[6-9])$/,
          'a private range such as 10.0.0.0/16, at most /19',
        )
        .default('10.0.0.0/16'),
    })
    .prefault({}),
  /** Given: the stage goes into LocalStack on one's own machine, and its stacks leave out what that can't do. */
  localstack: z
    .strictObject({
      /** A Kafka that asks for no user and no TLS, as the functions reach it. */
      bootstrapServers: z.array(z.string().regex(/^[\w.-]+:\d{2,5}$/, 'host:port')).min(1),
      /** The key of this checkout's tokens, base64url: its REST API has no authorizer. Without it every caller is unknown. */
      tokenKey: z
        .string()
        .regex(/^[\w-]{43,}$/, '32 bytes or more in base64url')
        .optional(),
    })
    .optional(),
  ...settingFields(choices),
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
  /**
   * Of single topics, by their names without prefix: how often a record that its consumers fail on is delivered again, and
   * until which age. Others: 10,000 times, for as long as the topic keeps it. Then it is a dead letter.
   */
  retries: z
    .record(
      topicName,
      z.strictObject({
        /** Lambda's longest is 10,000. */
        attempts: z.int().min(0).max(10_000).optional(),
        /** Since it was produced. Lambda's shortest is a minute, its longest a week. */
        ageSeconds: z.int().min(60).max(604_800).optional(),
      }),
    )
    .default({}),
  /** Event pollers of each mapping: one moves about 5 MB/s. The mappings share what they pay for. */
  pollers: z
    .strictObject({ minimum: z.int().min(1).max(200).default(1), maximum: z.int().min(1).max(2000).default(2) })
    .refine(p => p.minimum <= p.maximum, { message: 'more than the maximum', path: ['minimum'] })
    .prefault({}),
  /** What bounds the functions. Each has its number reserved for itself, out of the account's. */
  concurrency: z
    .strictObject({
      /** Of each HTTP function. */
      http: z.int().min(1).max(1000).default(10),
      /** Of each change feed: its shards, of which a table that is paid by the request has four to begin with. */
      feed: z.int().min(1).max(1000).default(10),
      /** Of the function that reads the dead letters, whatever number of topics it reads. */
      deadLetters: z.int().min(1).max(1000).default(5),
      /** What the account has ("Concurrent executions" in Service Quotas). A new account may have 10: ask for more, or set `reserved` to false. */
      accountQuota: z.int().min(10).default(1000),
      /** False: nothing is reserved, and one function may use up what all of the account have. */
      reserved: z.boolean().default(true),
    })
    .prefault({}),
  /** Of each function. CPU comes with it. */
  memoryMegabytes: z.int().min(256).max(10_240).default(512),
  /** Past these API Gateway or the web ACL answers 429. */
  api: z
    .strictObject({
      requestsPerSecond: z.int().min(1).max(10_000).default(500),
      burst: z.int().min(1).max(5_000).default(1_000),
      /** From one address, in five minutes. */
      requestsPerAddress: z.int().min(10).max(2_000_000_000).default(10_000),
    })
    .prefault({}),
  users: z
    .strictObject({
      /** A second factor, by an authenticator app. */
      secondFactor: z.enum(['optional', 'required']).default('optional'),
      /** Cognito's Plus plan, paid by the user: refuses passwords that are known to have leaked, and odd sign-ins. */
      threatProtection: z.boolean().default(false),
    })
    .prefault({}),
  alarms: z
    .strictObject({
      /** Addresses that are told. Each must confirm a mail of Amazon SNS first. */
      receivers: z.array(z.email('an e-mail address')).max(20).default([]),
      /** Where the pages of `docs/runbooks` are read: every alarm links to its own. */
      runbooks: z
        .string()
        .regex(/^[^\s]+[^\s/]$/, 'an address without a slash at its end')
        .default('docs/runbooks'),
    })
    .prefault({}),
  /** Point-in-time recovery and protection from deletion for what can't be made again. */
  protectData: z.boolean().default(true),
  /** What functions ask for beside tables and Kafka, by variable: `PAYMENT_PROVIDER_URL`. What the catalog lets a stage choose has a setting of its own. */
  environment: variables.default({}),
})
export type Settings = z.output<typeof Settings>
export type KafkaSettings = Settings['kafka']
/** A stage's settings as they are written: what has a default may be left out. */
export type SettingsInput = z.input<typeof Settings>
