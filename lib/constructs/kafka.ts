/** What functions and event source mappings need of a Kafka, whoever runs it. */
import { Fn, Stack } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { CfnEventSourceMappingProps } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import type { KafkaSettings } from '../config.ts'

type SelfManagedSettings = Extract<KafkaSettings, { kind: 'self-managed' }>

/** The part of an event source mapping that says where it reads. */
export type MappingSource = Pick<
  CfnEventSourceMappingProps,
  | 'eventSourceArn'
  | 'amazonManagedKafkaEventSourceConfig'
  | 'selfManagedEventSource'
  | 'selfManagedKafkaEventSourceConfig'
  | 'sourceAccessConfigurations'
>

/** Names of topics and groups are the physical ones. */
export interface Kafka {
  /** The variables by which a function finds the brokers. */
  readonly environment: { readonly [variable: string]: string }
  source(group: string): MappingSource
  /** What a mapping may do that reads `topic`, and writes what it gives up on to `deadLetters`, if it gives up at all. */
  toConsume(topic: string, deadLetters: string | undefined, group: string): iam.PolicyStatement[]
  toProduce(topics: readonly string[]): iam.PolicyStatement[]
}

const allow = (actions: string[], resources: string[]) => new iam.PolicyStatement({ actions, resources })

/** A provisioned cluster of Amazon MSK with IAM authentication: every topic and group is a resource of IAM. */
export class MskKafka implements Kafka {
  readonly environment
  private readonly clusterArn: string
  private readonly scope: Construct

  /** `scope`: of the stack that uses it, whose region and account its names carry. */
  constructor(scope: Construct, clusterArn: string, bootstrapServers: string) {
    this.scope = scope
    this.clusterArn = clusterArn
    this.environment = { KAFKA_BROKERS: bootstrapServers, KAFKA_AUTH: 'iam' }
  }

  source(group: string): MappingSource {
    return { eventSourceArn: this.clusterArn, amazonManagedKafkaEventSourceConfig: { consumerGroupId: group } }
  }

  toConsume(topic: string, deadLetters: string | undefined, group: string) {
    return [
      allow(
        [
          'kafka:DescribeClusterV2',
          'kafka:GetBootstrapBrokers',
          'kafka-cluster:Connect',
          'kafka-cluster:DescribeClusterDynamicConfiguration',
        ],
        [this.clusterArn],
      ),
      allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], [this.arn('topic', topic)]),
      ...(deadLetters === undefined
        ? []
        : [allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'], [this.arn('topic', deadLetters)])]),
      allow(['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'], [this.arn('group', group)]),
    ]
  }

  toProduce(topics: readonly string[]) {
    return [
      allow(['kafka-cluster:Connect'], [this.clusterArn]),
      allow(
        ['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'],
        topics.map(topic => this.arn('topic', topic)),
      ),
    ]
  }

  /** `arn:…:topic/<cluster name>/<cluster uuid>/<topic>`: the middle is the end of the cluster's own ARN. */
  private arn(kind: 'topic' | 'group', name: string) {
    const cluster = Fn.select(1, Fn.split(':cluster/', this.clusterArn))
    return Stack.of(this.scope).formatArn({ service: 'kafka', resource: kind, resourceName: `${cluster}/${name}` })
  }
}

/** A Kafka on one's own machine that asks nobody who they are; who reads it for the functions is not Lambda. */
export class OpenKafka implements Kafka {
  readonly environment

  constructor(bootstrapServers: readonly string[]) {
    this.environment = { KAFKA_BROKERS: bootstrapServers.join(','), KAFKA_AUTH: 'none' }
  }

  source(group: string): MappingSource {
    throw new Error(`${group}: LocalStack has no event sources of Kafka`)
  }

  toConsume() {
    return []
  }

  toProduce() {
    return []
  }
}

/** Any Kafka behind TLS and a user name, which does its own authorization: AWS only guards the secrets. */
export class SelfManagedKafka implements Kafka {
  readonly environment
  private readonly settings: SelfManagedSettings

  constructor(settings: SelfManagedSettings) {
    this.settings = settings
    const { bootstrapServers, secretArn, rootCertificateSecretArn } = settings
    this.environment = {
      KAFKA_BROKERS: bootstrapServers.join(','),
      KAFKA_AUTH: 'plain',
      KAFKA_SECRET_ARN: secretArn,
      ...(rootCertificateSecretArn !== undefined && { KAFKA_CA_SECRET_ARN: rootCertificateSecretArn }),
    }
  }

  source(group: string): MappingSource {
    const { bootstrapServers, secretArn, rootCertificateSecretArn } = this.settings
    return {
      selfManagedEventSource: { endpoints: { kafkaBootstrapServers: [...bootstrapServers] } },
      selfManagedKafkaEventSourceConfig: { consumerGroupId: group },
      sourceAccessConfigurations: [
        { type: 'BASIC_AUTH', uri: secretArn },
        ...(rootCertificateSecretArn === undefined
          ? []
          : [{ type: 'SERVER_ROOT_CA_CERTIFICATE', uri: rootCertificateSecretArn }]),
      ],
    }
  }

  toConsume() {
    return [this.mayReadSecrets()]
  }

  toProduce() {
    return [this.mayReadSecrets()]
  }

  private mayReadSecrets() {
    const { secretArn, rootCertificateSecretArn } = this.settings
    return allow(
      ['secretsmanager:GetSecretValue'],
      [secretArn, ...(rootCertificateSecretArn === undefined ? [] : [rootCertificateSecretArn])],
    )
  }
}
