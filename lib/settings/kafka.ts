/** Which Kafka a stage has, and what is asked of each kind. */
import * as z from 'zod'

const awsId = (kind: string) => new RegExp(`^${kind}-([0-9a-f]{8}|[0-9a-f]{17})$`)
/** As policies name it: without the last six characters AWS lets nobody read it, and says only that access is denied. */
export const secretArn = z
  .string()
  .regex(
    /^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$/,
    'the whole ARN of a secret, with the hyphen and six characters that Secrets Manager adds',
  )
/** The sizes that AWS has. No t3: its brokers take four new IAM connections a second, fewer than a scale-out opens. */
const STEPS = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge'] as const
const EXPRESS = STEPS.map(size => `express.m7g.${size}` as const)
const STANDARD = [...STEPS.map(size => `kafka.m7g.${size}` as const), ...STEPS.map(size => `kafka.m5.${size}` as const)]

const KINDS = ['msk-express', 'msk-standard', 'msk-existing', 'self-managed'] as const
const kafkaOptions = [
  z.strictObject({
    /** Amazon MSK with Express brokers: no storage to size, replication factor 3. */
    kind: z.literal('msk-express'),
    instanceType: z.enum(EXPRESS).default('express.m7g.large'),
    brokers: z.int().multipleOf(3, 'a multiple of the three availability zones').min(3).default(3),
  }),
  z.strictObject({
    /** Amazon MSK with Standard brokers: cheaper at rest, storage is ours to size. */
    kind: z.literal('msk-standard'),
    instanceType: z.enum(STANDARD).default('kafka.m7g.large'),
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
] as const
export const Kafka = z.discriminatedUnion('kind', kafkaOptions, {
  error: issue => (issue.code === 'invalid_union' ? `one of ${KINDS.join(', ')}` : undefined),
})
