/** A consumer as a Lambda function: the event of a Kafka event source in, partial batch response out. */
import type { Aggregate, Table } from '../../model/aggregate.ts'
import type { Caller } from '../../delivery/consumer-settings.ts'
import { consumersTable } from '../../delivery/failure-entry.ts'
import { failureRecorder } from '../../delivery/failure-recorder.ts'
import { createStreamConsumer, type StreamConsumer } from '../../event-store/stream-consumer.ts'
import type { Vocabulary } from '../../delivery/envelope.ts'
import type { MessageType } from '../../model/messages.ts'
import type { Log } from '../../model/ports.ts'
import { dynamoDbStore } from '../dynamodb/store.ts'
import { kafkaPublisher } from '../kafka/publisher.ts'
import { systemClock } from '../node/clock.ts'
import { jsonLog } from '../node/log.ts'
import { type Consumes, type KafkaEnvironment, readKafkaEnvironment, tableName } from './environment.ts'
import { type KafkaEvent, recordsOf } from './kafka-event.ts'

export interface KafkaBatchResponse {
  readonly batchItemFailures: readonly {
    readonly itemIdentifier: { readonly partition: string; readonly offset: number }
  }[]
}
/** What a Lambda function gets beside its event: of that, what this one needs. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number
}
export type KafkaHandler = (event: KafkaEvent, context?: InvocationContext) => Promise<KafkaBatchResponse>

/** Of the time of an invocation, what is kept for its last try: calls of tables that hang are given up on within 25 s. */
const LAST_TRY_MS = 30_000

interface ConsumerOptions {
  /** What the aggregate's decisions read or change beside its own table. */
  readonly tables?: readonly Table[]
  readonly calls?: Readonly<Record<string, Caller>>
  readonly log?: Log
}

export const kafkaHandler = <State extends object>(
  aggregate: Aggregate<State>,
  options: ConsumerOptions = {},
): KafkaHandler => consumerFunction(aggregate, options).handle

/** A consumer on the real ports, by the environment's settings, and its handler of Kafka's events. */
export function consumerFunction<State extends object>(
  aggregate: Aggregate<State>,
  { tables = [], calls, log = jsonLog() }: ConsumerOptions = {},
): { consumer: StreamConsumer; log: Log; handle: KafkaHandler } {
  const environment = readKafkaEnvironment()
  const name = process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? aggregate.type
  const store = dynamoDbStore({ tables: physical([aggregate.table, ...tables, consumersTable]), log })
  const consumer = createStreamConsumer({
    name,
    aggregate,
    store,
    publisher: publisherOf(environment, log),
    clock: systemClock,
    log,
    topicOf: topicsOf(environment),
    vocabulary: vocabularyOf(aggregate.handles, environment.CONSUMES ?? {}),
    failures: failureRecorder(name, { store, clock: systemClock, log }),
    ...(calls && { calls }),
  })
  const handle: KafkaHandler = async (event, context) => {
    const records = recordsOf(event, environment.TOPIC_PREFIX)
    const failed = await consumer.handle(
      records,
      context && { until: systemClock.now() + context.getRemainingTimeInMillis() - LAST_TRY_MS },
    )
    for (const { record, error } of failed.slice(0, 1))
      log.warn('message.retry', {
        topic: record.topic,
        partition: record.partition,
        offset: record.offset,
        failed: failed.length,
        error,
      })
    return {
      batchItemFailures: failed.map(({ record }) => ({
        itemIdentifier: {
          partition: `${environment.TOPIC_PREFIX}${record.topic}-${record.partition}`,
          offset: record.offset,
        },
      })),
    }
  }
  return { consumer, log, handle }
}

export const publisherOf = (environment: KafkaEnvironment, log: Log) =>
  kafkaPublisher({
    brokers: environment.KAFKA_BROKERS,
    auth: environment.KAFKA_AUTH,
    topicPrefix: environment.TOPIC_PREFIX,
    clientId: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'recourse',
    log,
    ...(environment.KAFKA_SECRET_ARN !== undefined && {
      secrets: {
        secretArn: environment.KAFKA_SECRET_ARN,
        rootCertificateSecretArn: environment.KAFKA_CA_SECRET_ARN,
      },
    }),
  })

/** The catalog's names of tables → their physical names, from the environment. */
export const physical = (tables: readonly Table[]) =>
  Object.fromEntries(tables.map(table => [table.name, { physicalName: tableName(table.name), table }]))

/** Where a message is said, as the deployment decided. */
export function topicsOf({ PUBLISHES }: Pick<KafkaEnvironment, 'PUBLISHES'>) {
  return ({ about, kind }: Pick<MessageType, 'about' | 'kind'>): string => {
    const topic = PUBLISHES[`${about}.${kind}`]
    if (topic === undefined) throw new Error(`this function was not deployed to say ${kind}s about ${about}`)
    return topic
  }
}

/** A type counts only on the topics that it is said on: who may write to one topic does not speak on another. */
export function vocabularyOf(handles: readonly MessageType[], consumes: Consumes): (topic: string) => Vocabulary {
  const topics = new Map(
    Object.entries(consumes).map(([topic, { owner, types, others, reportedByOthers = [] }]) => {
      const ours = new Map(handles.filter(({ type }) => types.includes(type)).map(message => [message.type, message]))
      return [topic, { ours, others: new Set(others), reportedByOthers: new Set(reportedByOthers), owner }]
    }),
  )
  return topic => {
    const known = topics.get(topic)
    if (!known) throw new Error(`a record of ${topic} came to a function that was not deployed to read it`)
    return known
  }
}
