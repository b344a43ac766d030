import type { KafkaSourcePlan, SourcePlan, StreamSourcePlan } from './plan-types.ts'
import { propertiesOf } from './properties.ts'
import type { ResolvedResource } from './resolve.ts'

/** What Lambda does where a mapping says nothing. With a destination, retries without end are ten. */
const DEFAULTS = {
  kafkaBatchSize: 100,
  streamBatchSize: 100,
  kafkaWindowSeconds: 0.5,
  retryAttemptsWithDestination: 10,
}

/** Undefined if the mapping is for another kind of source. */
export function planKafkaSource(resource: ResolvedResource): KafkaSourcePlan | undefined {
  const read = propertiesOf(resource)
  const topics = read.list('Topics')
  if (topics.length === 0) return undefined
  const [topic] = topics
  if (topics.length > 1 || typeof topic !== 'string') throw new Error(`${read.where}: a mapping reads one topic`)
  const config = read.record('AmazonManagedKafkaEventSourceConfig') ?? read.record('SelfManagedKafkaEventSourceConfig')
  const groupId = config?.['ConsumerGroupId']
  if (typeof groupId !== 'string') throw new Error(`${read.where}: it names no consumer group`)
  const shared = planSource(resource, DEFAULTS.kafkaBatchSize, DEFAULTS.kafkaWindowSeconds)
  const onFailureTopic = destinationOf(resource)
  return {
    ...shared,
    topic,
    groupId,
    sourceArn: read.text('EventSourceArn', 'arn:aws:kafka:self-managed'),
    ...(onFailureTopic !== undefined && { onFailureTopic }),
    retryAttemptsMax:
      onFailureTopic !== undefined && shared.retryAttemptsMax < 0
        ? DEFAULTS.retryAttemptsWithDestination
        : shared.retryAttemptsMax,
  }
}

/** Undefined if the mapping is for another kind of source. */
export function planStreamSource(resource: ResolvedResource): StreamSourcePlan | undefined {
  const read = propertiesOf(resource)
  if (read.list('Topics').length > 0) return undefined
  const table = read.text('EventSourceArn', '').match(/:dynamodb:.*:table\/([^/]+)\/stream\//)?.[1]
  if (!table)
    throw new Error(`${read.where}: the local runtime knows only Kafka topics and table streams as event sources`)
  return { ...planSource(resource, DEFAULTS.streamBatchSize, 0), table }
}

function planSource(resource: ResolvedResource, batchSize: number, windowSeconds: number): SourcePlan {
  const read = propertiesOf(resource)
  const startingPosition = read.text('StartingPosition', 'TRIM_HORIZON')
  if (startingPosition !== 'TRIM_HORIZON' && startingPosition !== 'LATEST')
    throw new Error(`${read.where}: the local runtime does not know the starting position ${startingPosition}`)
  const filters = read.record('FilterCriteria')?.['Filters'] ?? []
  return {
    functionName: functionNameOf(read.text('FunctionName')),
    batchSize: read.number('BatchSize', batchSize),
    windowSeconds: read.number('MaximumBatchingWindowInSeconds', windowSeconds),
    filters: (filters as readonly { Pattern?: string }[]).map(({ Pattern }) => JSON.parse(String(Pattern)) as unknown),
    startingPosition,
    bisects: read.boolean('BisectBatchOnFunctionError'),
    retryAttemptsMax: read.number('MaximumRetryAttempts', -1),
    recordAgeSecondsMax: read.number('MaximumRecordAgeInSeconds', -1),
    reportsItemFailures: read.list('FunctionResponseTypes').includes('ReportBatchItemFailures'),
  }
}

/** A name, or an ARN with or without a version. */
const functionNameOf = (reference: string) => reference.match(/:function:([^:]+)/)?.[1] ?? reference

function destinationOf(resource: ResolvedResource): string | undefined {
  const read = propertiesOf(resource)
  const onFailure = read.record('DestinationConfig')?.['OnFailure'] as { Destination?: string } | undefined
  if (onFailure?.Destination === undefined) return undefined
  const topic = onFailure.Destination.match(/^kafka:\/\/(.+)$/)?.[1]
  if (!topic)
    throw new Error(
      `${read.where}: the local runtime knows only Kafka topics as destinations, not ${onFailure.Destination}`,
    )
  return topic
}

const UNITS: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 }

/** `rate(1 minute)` is 60. */
export function secondsOfSchedule(expression: string, where: string): number {
  const [, count, unit] = expression.match(/^rate\((\d+) (minute|hour|day)s?\)$/) ?? []
  if (count === undefined || unit === undefined)
    throw new Error(`${where}: the local runtime knows only rate(…) schedules, not ${expression}`)
  return Number(count) * (UNITS[unit] ?? 0)
}
