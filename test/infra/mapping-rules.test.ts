import { Stack } from 'aws-cdk-lib'
import type { CfnEventSourceMappingProps } from 'aws-cdk-lib/aws-lambda'
import { describe, expect, it } from 'vitest'
import { newApp } from '../../lib/app.ts'
import { KafkaMapping } from '../../lib/constructs/kafka-mapping.ts'
import { problemsOf } from '../../lib/constructs/kafka-mapping-rules.ts'
import { clusterProblems, topicProblems } from '../../lib/constructs/msk-rules.ts'

const managed: CfnEventSourceMappingProps = {
  functionName: 'parcel',
  eventSourceArn: 'arn:aws:kafka:eu-west-1:111122223333:cluster/shared/0f1e2d3c',
  amazonManagedKafkaEventSourceConfig: { consumerGroupId: 'parcel.parcels' },
  topics: ['parcels'],
  startingPosition: 'TRIM_HORIZON',
  functionResponseTypes: ['ReportBatchItemFailures'],
  bisectBatchOnFunctionError: true,
  maximumRetryAttempts: 10,
  destinationConfig: { onFailure: { destination: 'kafka://parcels.dlq' } },
  provisionedPollerConfig: { minimumPollers: 1, maximumPollers: 2, pollerGroupName: 'recourse-dev' },
}
const { eventSourceArn: _, amazonManagedKafkaEventSourceConfig: __, ...anywhere } = managed
const selfManaged: CfnEventSourceMappingProps = {
  ...anywhere,
  selfManagedEventSource: { endpoints: { kafkaBootstrapServers: ['kafka.example.com:9093'] } },
  selfManagedKafkaEventSourceConfig: { consumerGroupId: 'parcel.parcels' },
  sourceAccessConfigurations: [{ type: 'BASIC_AUTH', uri: 'arn:aws:secretsmanager:eu-west-1:1:secret:k' }],
}
const to = (destination: string) => ({ destinationConfig: { onFailure: { destination } } })
const without = (name: keyof CfnEventSourceMappingProps, of = managed): CfnEventSourceMappingProps => {
  const { [name]: _left, ...rest } = of
  return rest as CfnEventSourceMappingProps
}
const mapped = (...made: ConstructorParameters<typeof KafkaMapping>) => new KafkaMapping(...made)
const notProvisioned = without('provisionedPollerConfig')
const plain = { functionName: 'parcel', eventSourceArn: managed.eventSourceArn as string, topics: ['parcels'] }
const bare = { ...plain, startingPosition: 'LATEST', amazonManagedKafkaEventSourceConfig: { consumerGroupId: 'g' } }

describe('an event source mapping', () => {
  it('of MSK, of another Kafka, and on demand, is let through', () => {
    expect(problemsOf(managed)).toEqual([])
    expect(problemsOf(selfManaged)).toEqual([])
    expect(problemsOf(bare)).toEqual([])
  })

  it.each<[string, CfnEventSourceMappingProps]>([
    ['functionResponseTypes needs provisionedPollerConfig', notProvisioned],
    ['bisectBatchOnFunctionError needs provisionedPollerConfig', notProvisioned],
    ['maximumRetryAttempts needs provisionedPollerConfig', notProvisioned],
    ['maximumRecordAgeInSeconds needs provisionedPollerConfig', { ...bare, maximumRecordAgeInSeconds: 60 }],
    ['a topic as destination needs provisionedPollerConfig', notProvisioned],
    ['what fails on parcels would go to parcels', { ...managed, ...to('kafka://parcels') }],
    ['kafka://a is shorter than the 12 characters', { ...managed, ...to('kafka://a') }],
    ['"par cels.dlq" is no name for a Kafka topic', { ...managed, ...to('kafka://par cels.dlq') }],
    ['it reads 0 topics', { ...managed, topics: [] }],
    ['it reads 2 topics', { ...managed, topics: ['parcels', 'couriers'] }],
    ['"par cels" is no name for a Kafka topic', { ...managed, topics: ['par cels'] }],
    ['it has no starting position', without('startingPosition')],
    ['it starts at a time that it does not name', { ...managed, startingPosition: 'AT_TIMESTAMP' }],
    ['it names a time, and does not start there', { ...managed, startingPositionTimestamp: 1 }],
    [
      'the minimum of 3 pollers is above the maximum of 2',
      { ...managed, provisionedPollerConfig: { minimumPollers: 3, maximumPollers: 2 } },
    ],
    ['a minimum of 201 pollers', { ...managed, provisionedPollerConfig: { minimumPollers: 201, maximumPollers: 300 } }],
    ['a maximum of 2001 pollers', { ...managed, provisionedPollerConfig: { maximumPollers: 2001 } }],
    ['is no name for a group of pollers', { ...managed, provisionedPollerConfig: { pollerGroupName: 'a b' } }],
    ['it can read but one', { ...selfManaged, eventSourceArn: managed.eventSourceArn }],
    ['it names no source', without('eventSourceArn')],
    [
      'amazonManagedKafkaEventSourceConfig is for MSK',
      { ...selfManaged, amazonManagedKafkaEventSourceConfig: { consumerGroupId: 'g' } },
    ],
    [
      'selfManagedKafkaEventSourceConfig is for a self-managed source',
      { ...managed, selfManagedKafkaEventSourceConfig: { consumerGroupId: 'g' } },
    ],
    ['a way to prove who it is', without('sourceAccessConfigurations', selfManaged)],
    ['a way to prove who it is', { ...selfManaged, sourceAccessConfigurations: [] }],
    ['parallelizationFactor is not for Kafka', { ...managed, parallelizationFactor: 2 }],
    ['tumblingWindowInSeconds is not for Kafka', { ...managed, tumblingWindowInSeconds: 2 }],
    ['it names no consumer group', without('amazonManagedKafkaEventSourceConfig')],
    [
      'is no name for a consumer group',
      { ...managed, amazonManagedKafkaEventSourceConfig: { consumerGroupId: 'a b' } },
    ],
    ['the record would be lost', without('destinationConfig')],
    ['it never gives up', { ...managed, maximumRetryAttempts: -1 }],
    ['10001 retries', { ...managed, maximumRetryAttempts: 10_001 }],
    ['a record age of 59 s', { ...managed, maximumRecordAgeInSeconds: 59 }],
    ['a record age of 604801 s', { ...managed, maximumRecordAgeInSeconds: 604_801 }],
    [
      'the record would be lost',
      { ...without('destinationConfig'), maximumRetryAttempts: -1, maximumRecordAgeInSeconds: 60 },
    ],
    ['a batch of 10001', { ...managed, batchSize: 10_001 }],
    ['a window of 301 s', { ...managed, maximumBatchingWindowInSeconds: 301 }],
    ['a filter of 4097 characters', { ...managed, filterCriteria: { filters: [{ pattern: 'x'.repeat(4097) }] } }],
    ['11 filters', { ...managed, filterCriteria: { filters: Array.from({ length: 11 }, () => ({ pattern: '{}' })) } }],
  ])('is refused: %s', (problem, mapping) => {
    expect(problemsOf(mapping).join('; ')).toContain(problem)
  })

  it('is refused with its place in the tree', () => {
    const stack = new Stack(newApp(), 'loose')
    expect(() => new KafkaMapping(stack, 'Mapping', { ...managed, topics: [] })).toThrow(
      'loose/Mapping: it reads 0 topics',
    )
  })

  it('shares its consumer group with no other of the app, in whatever stack', () => {
    const app = newApp()
    mapped(new Stack(app, 'one'), 'Mapping', managed)
    mapped(new Stack(app, 'other'), 'Mapping', { ...managed, topics: ['couriers'] })
    expect(() => app.synth()).toThrow('the consumer group parcel.parcels is also that of other/Mapping')
  })

  it('shares its pollers with ninety-nine others at most', () => {
    const made = (count: number) => {
      const app = newApp()
      const stack = new Stack(app, 'many')
      for (let i = 0; i < count; i++)
        mapped(stack, `Mapping${i}`, {
          ...managed,
          amazonManagedKafkaEventSourceConfig: { consumerGroupId: `group-${i}` },
        })
      return app
    }
    expect(() => made(100).synth()).not.toThrow()
    expect(() => made(101).synth()).toThrow('101 mappings share the pollers of recourse-dev')
  })
})

const express = { express: true, kafkaVersion: '3.8.x', instanceType: 'express.m7g.large', brokers: 3, subnets: 3 }
const standard = { ...express, express: false, instanceType: 'kafka.m7g.large', storageGiB: 100 }

describe('a cluster', () => {
  it('of either kind of brokers is let through', () => {
    expect(clusterProblems(express)).toEqual([])
    expect(clusterProblems(standard)).toEqual([])
  })

  it.each([
    ['Kafka 3.8.0 is none of', { ...express, kafkaVersion: '3.8.0' }],
    ['Kafka 2.8.1 is none of', { ...standard, kafkaVersion: '2.8.1' }],
    ['kafka.m7g.large is no instance of Express brokers', { ...express, instanceType: 'kafka.m7g.large' }],
    ['express.m7g.large is no instance of Standard brokers', { ...standard, instanceType: 'express.m7g.large' }],
    ['Express brokers have no volumes', { ...express, storageGiB: 100 }],
    ['Standard brokers need volumes', { ...express, express: false, instanceType: 'kafka.m7g.large' }],
    ['Express brokers need three subnets, not 2', { ...express, subnets: 2, brokers: 4 }],
    ["3 brokers can't be spread evenly over 2 subnets", { ...standard, subnets: 2 }],
  ])('is refused: %s', (problem, plan) => {
    expect(clusterProblems(plan).join('; ')).toContain(problem)
  })
})

const base64 = (text: string) => Buffer.from(text).toString('base64')
const topic = {
  topicName: 'parcels',
  partitionCount: 3,
  replicationFactor: 3,
  configs: base64('{"retention.ms":"1","a.b":"c"}'),
}

describe('a topic', () => {
  it('with configs in base64 is let through', () => {
    expect(topicProblems(topic)).toEqual([])
  })

  it.each([
    ['is no name', { ...topic, topicName: 'par cels' }],
    ['is no name', { ...topic, topicName: '..' }],
    ['0 partitions', { ...topic, partitionCount: 0 }],
    ['a replication factor of 1', { ...topic, replicationFactor: 1 }],
    ['not base64', { ...topic, configs: '{"retention.ms":"1"}' }],
    ['no JSON object of text', { ...topic, configs: base64('retention.ms=1') }],
    ['no JSON object of text', { ...topic, configs: base64('{"retention.ms":1}') }],
    ['no JSON object of text', { ...topic, configs: base64('["retention.ms"]') }],
    ['no JSON object of text', { ...topic, configs: base64('{"retention ms":"1"}') }],
  ])('is refused: %s', (problem, request) => {
    expect(topicProblems(request).join('; ')).toContain(problem)
  })
})
