import { describe, expect, it } from 'vitest'
import type { SettingsInput } from '../../lib/config.ts'
import { readable } from './fixtures/readable.ts'
import { describeStage } from './fixtures/synthesized.ts'
import { wiring } from './fixtures/wiring.ts'

const streamingOf = (settings: Partial<SettingsInput> = {}) =>
  readable(describeStage({ settings }).template('streaming').toJSON())
const topicsOf = (settings: Partial<SettingsInput> = {}) =>
  Object.values(streamingOf(settings))
    .filter(({ type }) => type === 'AWS::MSK::Topic')
    .map(({ properties }) => properties)

describe('topics', () => {
  it('each have a dead-letter topic', () => {
    expect(topicsOf().map(topic => topic['TopicName'])).toEqual(['parcels', 'parcels.dlq', 'couriers', 'couriers.dlq'])
  })

  it('forget after a week, their dead letters after thirty days', () => {
    const [topic, deadLetters] = topicsOf()
    expect(topic?.['Configs']).toBe(
      '{"cleanup.policy":"delete","retention.ms":"604800000","max.message.bytes":"1048588"}',
    )
    expect(deadLetters?.['Configs']).toBe(
      '{"cleanup.policy":"delete","retention.ms":"2592000000","max.message.bytes":"8388608"}',
    )
  })

  it('have their configuration as base64 of JSON, with numbers as text, as MSK takes it', () => {
    const template = describeStage({}).template('streaming').toJSON() as {
      Resources: Record<string, { Type: string; Properties: { Configs: { 'Fn::Base64': string } } }>
    }
    const topics = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::MSK::Topic')
    expect(topics).toHaveLength(4)
    for (const { Properties } of topics) {
      const configs = JSON.parse(Properties.Configs['Fn::Base64']) as Record<string, unknown>
      expect(configs['retention.ms']).toMatch(/^\d+$/)
      expect(Object.values(configs).map(value => typeof value)).not.toContain('number')
    }
  })

  it('have the prefix and the partitions of the stage', () => {
    expect(topicsOf({ topicPrefix: 'ci-', partitions: 3 })[1]).toMatchObject({
      TopicName: 'ci-parcels.dlq',
      PartitionCount: 3,
      ReplicationFactor: 3,
    })
  })

  it('have names that Kafka takes', () => {
    expect(() => describeStage({ wiring: { ...wiring, topics: ['parcels sent'] } })).toThrow(
      '"parcels sent" is no name for a Kafka topic',
    )
  })
})

describe('the cluster', () => {
  it('takes IAM over TLS only, and makes no topic by itself', () => {
    const streaming = streamingOf()
    expect(streaming['MskCluster']?.properties).toMatchObject({
      ClientAuthentication: { Sasl: { Iam: { Enabled: true } }, Unauthenticated: { Enabled: false } },
      EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'TLS', InCluster: true } },
    })
    expect(streaming['MskConfiguration']?.properties['ServerProperties']).toContain('auto.create.topics.enable=false')
  })

  it('of Standard brokers loses nothing that was acknowledged when one of them is gone', () => {
    const kafka = { kind: 'msk-standard' as const }
    const properties = String(streamingOf({ kafka })['MskConfiguration']?.properties['ServerProperties']).split('\n')
    expect(properties).toEqual(
      expect.arrayContaining([
        'default.replication.factor=3',
        'min.insync.replicas=2',
        'unclean.leader.election.enable=false',
      ]),
    )
  })

  it('has three subnets for three brokers, and storage only where it is ours to size', () => {
    const group = (settings: Partial<SettingsInput>) =>
      streamingOf(settings)['MskCluster']?.properties['BrokerNodeGroupInfo']
    expect(group({})).toMatchObject({ ClientSubnets: { length: 3 }, InstanceType: 'express.m7g.large' })
    expect(group({})).not.toHaveProperty('StorageInfo')
    expect(group({ kafka: { kind: 'msk-standard', storageGiB: 50 } })).toMatchObject({
      InstanceType: 'kafka.m7g.large',
      StorageInfo: { EBSStorageInfo: { VolumeSize: 50 } },
    })
  })

  it('may be one that is there already', () => {
    const clusterArn = 'arn:aws:kafka:eu-west-1:111122223333:cluster/shared/0f1e2d3c'
    const kafka = {
      kind: 'msk-existing' as const,
      clusterArn,
      vpcId: 'vpc-0a1b2c3d',
      subnetIds: ['subnet-0a1b2c3a', 'subnet-0a1b2c3b', 'subnet-0a1b2c3c'],
      securityGroupId: 'sg-0a1b2c3d',
    }
    const stage = describeStage({ settings: { kafka } })
    stage.template('streaming').resourceCountIs('AWS::MSK::Cluster', 0)
    stage
      .template('streaming')
      .hasResourceProperties('AWS::MSK::Topic', { ClusterArn: clusterArn, TopicName: 'parcels' })
    stage.template('services').hasResourceProperties('AWS::Lambda::EventSourceMapping', { EventSourceArn: clusterArn })
    stage
      .template('network')
      .hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-0a1b2c3d', FromPort: 9098 })
  })
})

describe('the network', () => {
  const network = describeStage({}).template('network')

  it('has no public subnet', () => {
    network.resourcePropertiesCountIs('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false }, 6)
    network.resourceCountIs('AWS::EC2::Subnet', 6)
    network.allResourcesProperties('AWS::EC2::Route', { NatGatewayId: {} })
  })

  it('has no way out where no function calls an address on the internet', () => {
    const functions = wiring.functions.filter(({ environment }) => environment.length === 0)
    const closed = describeStage({ wiring: { ...wiring, functions } }).template('network')
    for (const type of ['AWS::EC2::NatGateway', 'AWS::EC2::InternetGateway', 'AWS::EC2::Route'])
      closed.resourceCountIs(type, 0)
  })
})
