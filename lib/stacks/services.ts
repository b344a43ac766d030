/**
 * Every function of the catalog, what wakes it (topics, change feeds, the clock) and exactly what it may touch.
 * No service is named here: a new one appears by being in the catalog.
 */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib'
import * as events from 'aws-cdk-lib/aws-events'
import * as targets from 'aws-cdk-lib/aws-events-targets'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as lambda from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { tableVariable } from '#engine/catalog/table-variable.ts'
import type { Table } from '#engine/model/aggregate.ts'
import { consumerGroupOf } from '#engine/delivery/topics.ts'
import type { WiredFunction, Wiring } from '#engine/catalog/wiring.ts'
import { SettingsError, type StageSettings } from '../config.ts'
import { FeedSource } from '../constructs/feed-source.ts'
import { CatalogFunction, type FunctionNetwork } from '../constructs/function.ts'
import type { Kafka } from '../constructs/kafka.ts'
import { KafkaSource } from '../constructs/kafka-source.ts'
import { grantTable } from '../constructs/table-grants.ts'
import { checkConcurrency } from '../concurrency.ts'
import { talksToKafka } from '../needs.ts'
import type { DataStack } from './data.ts'
import type { FoundationStack } from './foundation.ts'
import { except } from '../lint-suppressions.ts'

interface Props extends StackProps {
  readonly settings: StageSettings
  readonly wiring: Wiring
  readonly foundation: FoundationStack
  readonly data: DataStack
  /** Kafka as the functions of a scope use it. */
  readonly kafkaFor: (scope: Construct) => Kafka
  /** For a Kafka inside a VPC. */
  readonly network?: FunctionNetwork
  /** A function's bundle, by its name in the catalog. */
  readonly codeOf: (name: string) => lambda.Code
}

export class ServicesStack extends Stack {
  readonly functions: ReadonlyMap<string, lambda.IFunction>
  private readonly settings: StageSettings
  private readonly foundation: FoundationStack
  private readonly data: DataStack
  private readonly kafka: Kafka
  private readonly topics: readonly string[]

  constructor(
    scope: Construct,
    id: string,
    { settings, wiring, foundation, data, kafkaFor, network, codeOf, ...props }: Props,
  ) {
    super(scope, id, props)
    checkConcurrency(wiring.functions, settings)
    this.settings = settings
    this.foundation = foundation
    this.data = data
    this.topics = wiring.topics
    this.kafka = kafkaFor(this)
    const access = network && vpcAccess(this)
    this.functions = new Map(
      wiring.functions.map(wired => {
        const made = new CatalogFunction(this, wired.name, {
          wired,
          code: codeOf(wired.name),
          settings,
          environment: this.environmentOf(wired),
          logKey: foundation.watchKey,
          failedEvents: foundation.failedEvents,
          ...(network && access && talksToKafka(wired)
            ? { network: { placed: network, outbound: wired.callsInternet ?? false, access } }
            : {}),
        })
        this.addGrants(made, wired)
        this.addSources(made, wired)
        return [wired.name, made.fn]
      }),
    )
  }

  private environmentOf(wired: WiredFunction): Record<string, string> {
    const tables = [...wired.tables.map(({ table }) => table), ...wired.feeds]
    return {
      ...Object.fromEntries(tables.map(({ name }) => [tableVariable(name), this.data.table(name).tableName])),
      ...(talksToKafka(wired) ? this.kafkaEnvironmentOf(wired) : {}),
      ...(wired.consumers ? { CONSUMERS: JSON.stringify(this.asDeployed(wired.consumers)) } : {}),
      ...(wired.kind === 'http' && this.settings.localstack?.tokenKey !== undefined
        ? { TOKEN_KEY: this.settings.localstack.tokenKey }
        : {}),
      ...Object.fromEntries(wired.environment.map(variable => [variable, this.setting(variable, wired)])),
    }
  }

  /** The brokers, and who says what where: another wiring is another environment, not another bundle. */
  private kafkaEnvironmentOf({ sources, publishes }: WiredFunction): Record<string, string> {
    const consumes = Object.fromEntries(sources.map(({ topic, ...source }) => [topic, source]))
    return {
      ...this.kafka.environment,
      TOPIC_PREFIX: this.settings.topicPrefix,
      ...(sources.length > 0 ? { CONSUMES: JSON.stringify(consumes) } : {}),
      PUBLISHES: JSON.stringify(publishes),
    }
  }

  /** Under the names that functions have here: those in logs, dead letters and `consumers`. */
  private asDeployed(consumers: NonNullable<WiredFunction['consumers']>) {
    return Object.fromEntries(
      Object.entries(consumers).map(([name, topics]) => [`${this.settings.namePrefix}${name}`, topics]),
    )
  }

  private setting(variable: string, wired: WiredFunction): string {
    // The one that follows from the catalog.
    const value = variable === 'TOPICS' ? this.topics.join(',') : this.settings.environment[variable]
    if (value === undefined)
      throw new SettingsError(
        `stage "${this.settings.stage}" (lib/config.ts) lacks environment.${variable}, which the function ${wired.name} reads`,
      )
    return value
  }

  private addGrants(made: CatalogFunction, wired: WiredFunction) {
    for (const tables of wired.tables) grantTable(made, tables, this.data.table(tables.table.name))
    const topics = wired.publishesTo.map(topic => `${this.settings.topicPrefix}${topic}`)
    if (talksToKafka(wired) && topics.length > 0)
      for (const statement of this.kafka.toProduce(topics)) made.role.addToPolicy(statement)
  }

  private addSources(made: CatalogFunction, wired: WiredFunction) {
    if (this.settings.localstack === undefined) this.addTopics(made, wired)
    for (const table of wired.feeds) new FeedSource(made, `Feed-${table.name}`, this.feedOf(made, table, 'http'))
    for (const table of wired.streams) new FeedSource(made, `Stream-${table.name}`, this.feedOf(made, table, 'inserts'))
    if (wired.everySeconds !== undefined) this.addSchedule(made, wired.name, wired.everySeconds)
  }

  private addTopics(made: CatalogFunction, wired: WiredFunction) {
    for (const { topic } of wired.sources)
      new KafkaSource(made, topic, {
        consumer: made,
        group: `${this.settings.topicPrefix}${this.settings.namePrefix}${consumerGroupOf(wired.name, topic)}`,
        kafka: this.kafka,
        topic,
        settings: this.settings,
      })
    for (const topic of wired.deadLetterTopics ?? [])
      new KafkaSource(made, topic, {
        consumer: made,
        group: `${this.settings.topicPrefix}${this.settings.namePrefix}${consumerGroupOf(wired.name, topic)}`,
        kafka: this.kafka,
        topic,
        neverGivesUp: true,
        settings: this.settings,
      })
  }

  private feedOf(reader: CatalogFunction, { name }: Table, of: 'http' | 'inserts') {
    return { reader, table: this.data.table(name), of, failedEvents: this.foundation.failedEvents }
  }

  private addSchedule(made: CatalogFunction, name: string, seconds: number) {
    if (seconds % 60 !== 0) throw new Error(`${name}: EventBridge counts in minutes, not every ${seconds} seconds`)
    new events.Rule(made, 'Schedule', {
      schedule: events.Schedule.rate(Duration.seconds(seconds)),
      // The next tick does what a lost one would have done.
      targets: [new targets.LambdaFunction(made.fn, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    })
  }
}

const NAMELESS = 'Lambda makes the network interfaces when it places the function: they have no name before that'

/** What a function in a VPC needs besides its own grants, once for all of them. */
function vpcAccess(scope: Construct): iam.ManagedPolicy {
  const policy = new iam.ManagedPolicy(scope, 'VpcAccess', {
    statements: [
      new iam.PolicyStatement({
        actions: [
          'ec2:AssignPrivateIpAddresses',
          'ec2:CreateNetworkInterface',
          'ec2:DeleteNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSecurityGroups',
          'ec2:DescribeSubnets',
          'ec2:DescribeVpcs',
          'ec2:UnassignPrivateIpAddresses',
        ],
        resources: ['*'],
      }),
    ],
  })
  except(
    policy,
    {
      rule: 'AwsSolutions-IAM5[Resource::*]',
      reason: NAMELESS,
    },
    { rule: 'CKV_AWS_111', reason: NAMELESS },
  )
  return policy
}
