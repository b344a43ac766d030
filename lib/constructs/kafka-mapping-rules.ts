/**
 * What AWS refuses about an event source mapping of Kafka, and neither CDK nor CloudFormation's schema does: found at
 * synthesis here, and in a deployment that rolls back otherwise. Pure.
 */
import type { CfnEventSourceMappingProps } from 'aws-cdk-lib/aws-lambda'

/** Only in provisioned mode. */
const PROVISIONED_ONLY = [
  'functionResponseTypes',
  'bisectBatchOnFunctionError',
  'maximumRetryAttempts',
  'maximumRecordAgeInSeconds',
] as const
const DESTINATION_MIN = 12
const FILTER_MAX = 4096
const FILTERS_MAX = 10

/** A sentence for each thing that is wrong; none if the mapping is one that AWS takes. */
export function problemsOf(mapping: CfnEventSourceMappingProps): string[] {
  return [
    ...placeProblems(mapping),
    ...pollerProblems(mapping),
    ...failureProblems(mapping),
    ...filterProblems(mapping),
  ]
}

/** Where it reads: one source, one topic, one group. */
function* placeProblems(mapping: CfnEventSourceMappingProps): Iterable<string> {
  const { eventSourceArn, selfManagedEventSource, topics, startingPosition, startingPositionTimestamp } = mapping
  if (eventSourceArn === undefined && selfManagedEventSource === undefined) yield 'it names no source'
  if (eventSourceArn !== undefined && selfManagedEventSource !== undefined)
    yield 'it names a cluster of MSK and a self-managed one: it can read but one'
  if (selfManagedEventSource !== undefined) {
    if (mapping.amazonManagedKafkaEventSourceConfig !== undefined)
      yield 'amazonManagedKafkaEventSourceConfig is for MSK, and its source is self-managed'
    if (!isSome(mapping.sourceAccessConfigurations)) yield 'a self-managed source needs a way to prove who it is'
  } else if (mapping.selfManagedKafkaEventSourceConfig !== undefined)
    yield 'selfManagedKafkaEventSourceConfig is for a self-managed source, and its source is MSK'
  if (topics?.length !== 1) yield `it reads ${topics?.length ?? 0} topics: a mapping reads one`
  for (const topic of topics ?? []) if (!isTopicName(topic)) yield `"${topic}" is no name for a Kafka topic`
  const group = groupOf(mapping)
  if (group === undefined) yield 'it names no consumer group: Lambda would make one up, and none could be granted'
  else if (!/^[a-zA-Z0-9\-/*:_+=.@]{1,200}$/.test(group)) yield `"${group}" is no name for a consumer group`
  if (startingPosition === undefined) yield 'it has no starting position'
  if (startingPosition === 'AT_TIMESTAMP' && startingPositionTimestamp === undefined)
    yield 'it starts at a time that it does not name'
  if (startingPosition !== 'AT_TIMESTAMP' && startingPositionTimestamp !== undefined)
    yield 'it names a time, and does not start there'
  if (mapping.parallelizationFactor !== undefined) yield 'parallelizationFactor is not for Kafka: partitions are'
  if (mapping.tumblingWindowInSeconds !== undefined) yield 'tumblingWindowInSeconds is not for Kafka'
}

function* pollerProblems(mapping: CfnEventSourceMappingProps): Iterable<string> {
  const pollers = mapping.provisionedPollerConfig
  if (pollers === undefined) {
    for (const name of PROVISIONED_ONLY) if (mapping[name] !== undefined) yield `${name} needs provisionedPollerConfig`
    if (destinationOf(mapping)?.startsWith('kafka://')) yield 'a topic as destination needs provisionedPollerConfig'
    return
  }
  if ('resolve' in pollers) return
  const { minimumPollers = 1, maximumPollers = 200, pollerGroupName } = pollers
  if (minimumPollers > maximumPollers)
    yield `the minimum of ${minimumPollers} pollers is above the maximum of ${maximumPollers}`
  if (minimumPollers < 1 || minimumPollers > 200) yield `a minimum of ${minimumPollers} pollers: from 1 to 200`
  if (maximumPollers < 1 || maximumPollers > 2000) yield `a maximum of ${maximumPollers} pollers: from 1 to 2000`
  if (pollerGroupName !== undefined && !/^[\w-]{1,128}$/.test(pollerGroupName))
    yield `"${pollerGroupName}" is no name for a group of pollers`
}

/** What becomes of what it fails on. */
function* failureProblems(mapping: CfnEventSourceMappingProps): Iterable<string> {
  const { batchSize = 100, maximumBatchingWindowInSeconds: window = 0.5 } = mapping
  const { maximumRetryAttempts: retries, maximumRecordAgeInSeconds: age } = mapping
  if (batchSize < 1 || batchSize > 10_000) yield `a batch of ${batchSize}: from 1 to 10000`
  if (window < 0 || window > 300) yield `a window of ${window} s: from 0 to 300`
  if (retries !== undefined && (retries < -1 || retries > 10_000))
    yield `${retries} retries: from 0 to 10000, or -1 for no end`
  if (age !== undefined && age !== -1 && (age < 60 || age > 604_800))
    yield `a record age of ${age} s: from 60 to 604800, or -1 for no end`
  const destination = destinationOf(mapping)
  if (destination === undefined) {
    if ((retries !== undefined && retries >= 0) || (age !== undefined && age >= 0))
      yield 'it gives up, and has nowhere to give it to: the record would be lost'
    return
  }
  if (retries === undefined || retries < 0) yield 'it never gives up, and has a destination for what it gives up on'
  if (destination.startsWith('kafka://')) {
    const topic = destination.slice('kafka://'.length)
    if (destination.length < DESTINATION_MIN)
      yield `${destination} is shorter than the ${DESTINATION_MIN} characters that a destination has`
    if (!isTopicName(topic)) yield `"${topic}" is no name for a Kafka topic`
    if (mapping.topics?.includes(topic)) yield `what fails on ${topic} would go to ${topic}, and fail again`
  }
}

function* filterProblems({ filterCriteria }: CfnEventSourceMappingProps): Iterable<string> {
  if (filterCriteria === undefined || !('filters' in filterCriteria) || !Array.isArray(filterCriteria.filters)) return
  const filters = filterCriteria.filters as readonly { readonly pattern?: string }[]
  if (filters.length > FILTERS_MAX) yield `${filters.length} filters: an account's default is ${FILTERS_MAX}`
  for (const { pattern = '' } of filters)
    if (pattern.length > FILTER_MAX) yield `a filter of ${pattern.length} characters: AWS takes ${FILTER_MAX}`
}

export const isTopicName = (name: string) => /^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..'

export function groupOf(mapping: CfnEventSourceMappingProps): string | undefined {
  const config = mapping.amazonManagedKafkaEventSourceConfig ?? mapping.selfManagedKafkaEventSourceConfig
  return config && 'consumerGroupId' in config ? config.consumerGroupId : undefined
}

function destinationOf({ destinationConfig }: CfnEventSourceMappingProps): string | undefined {
  if (!destinationConfig || !('onFailure' in destinationConfig)) return undefined
  const { onFailure } = destinationConfig
  return onFailure && 'destination' in onFailure ? onFailure.destination : undefined
}

const isSome = (list: unknown) => Array.isArray(list) && list.length > 0
