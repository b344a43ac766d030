import { describe, expect, it } from 'vitest'
import { allowed, readable } from './fixtures/readable.ts'
import { describeStage } from './fixtures/synthesized.ts'
import { wiring } from './fixtures/wiring.ts'

const services = readable(describeStage({}).template('services').toJSON())
const cluster = '${streaming.MskCluster.Arn}'
const kafkaArn = (kind: string, name: string) =>
  `arn:\${Partition}:kafka:\${Region}:\${AccountId}:${kind}/${cluster} by ":cluster/"[1]/${name}`
const may = (fn: string, what: string) => allowed(services, `${fn}Role`).filter(line => line.includes(what))

describe('functions', () => {
  it('are all of the catalog, and nothing else', () => {
    const names = Object.values(services)
      .filter(({ type }) => type === 'AWS::Lambda::Function')
      .map(({ properties }) => properties['FunctionName'])
    expect(names).toEqual(wiring.functions.map(({ name }) => `dev-${name}`))
  })

  it('run on Node 24 and arm64, with the time that their caller waits', () => {
    const common = { Runtime: 'nodejs24.x', Architectures: ['arm64'], MemorySize: 512, Handler: 'index.handler' }
    expect(services['parcelFunction']?.properties).toMatchObject({ ...common, Timeout: 60 })
    expect(services['parcelapiFunction']?.properties).toMatchObject({ ...common, Timeout: 29 })
  })

  it('log as JSON into a group of their own that forgets', () => {
    expect(services['parcelFunction']?.properties).toMatchObject({
      LoggingConfig: { LogFormat: 'JSON', LogGroup: '${parcelLogs}' },
    })
    expect(services['parcelLogs']?.properties).toMatchObject({
      LogGroupName: '/recourse/dev/parcel',
      RetentionInDays: 30,
    })
  })

  it('know their tables, the brokers and their settings by the environment', () => {
    const environment = (fn: string) => services[`${fn}Function`]?.properties['Environment']
    const kafka = {
      KAFKA_BROKERS: '${streaming.BootstrapCall.BootstrapBrokerStringSaslIam}',
      KAFKA_AUTH: 'iam',
      TOPIC_PREFIX: '',
    }
    expect(environment('parcel')).toEqual({
      Variables: {
        TABLE_PARCELS: '${data.parcelsTable}',
        TABLE_PARCELS_HISTORY: '${data.parcelshistoryTable}',
        ...kafka,
        CONSUMES: JSON.stringify({
          parcels: { types: ['ParcelSendCommand'], others: ['ParcelSentEvent'], owner: true },
          couriers: { types: ['CourierLeftEvent', 'CourierBackEvent'], others: ['CourierCallCommand'], owner: false },
        }),
        PUBLISHES: JSON.stringify({ 'parcel.event': 'parcels' }),
      },
    })
    expect(environment('courier')).toMatchObject({
      Variables: { ...kafka, COURIER_URL: 'https://couriers.example.com' },
    })
    expect(environment('parcelapi')).toEqual({ Variables: { TABLE_PARCELS: '${data.parcelsTable}' } })
  })

  it('that list consumers are told them by the names that they have in the stage', () => {
    const functions = wiring.functions.map(fn =>
      fn.name === 'parcel-api' ? { ...fn, consumers: { parcel: ['couriers', 'parcels'] } } : fn,
    )
    const lists = readable(
      describeStage({ wiring: { ...wiring, functions } })
        .template('services')
        .toJSON(),
    )
    expect(lists['parcelapiFunction']?.properties['Environment']).toMatchObject({
      Variables: { CONSUMERS: JSON.stringify({ 'dev-parcel': ['couriers', 'parcels'] }) },
    })
  })

  it('are refused when the stage lacks a setting that one of them reads', () => {
    expect(() => describeStage({ settings: { environment: {} } })).toThrow(
      'lacks environment.COURIER_URL, which the function courier reads',
    )
  })

  it('stand in the network if they talk to Kafka, with a way out only where one is needed', () => {
    const subnets = (fn: string) => {
      const config = services[`${fn}Function`]?.properties['VpcConfig'] as { SubnetIds: string[] } | undefined
      return config?.SubnetIds[0]
    }
    expect(subnets('parcel')).toBe('${network.VpckafkaSubnet1Subnet}')
    expect(subnets('relay')).toBe('${network.VpckafkaSubnet1Subnet}')
    expect(subnets('courier')).toBe('${network.VpcoutboundSubnet1Subnet}')
    expect(subnets('parcelapi')).toBeUndefined()
  })
})

describe('what a function may do', () => {
  it('is to publish on its own topics and the dead letters of what it reads', () => {
    expect(may('parcel', 'kafka-cluster:WriteData')).toEqual(
      ['couriers.dlq', 'parcels', 'parcels.dlq'].map(topic => `kafka-cluster:WriteData on ${kafkaArn('topic', topic)}`),
    )
    expect(may('relay', 'kafka-cluster:WriteData')).toEqual([
      `kafka-cluster:WriteData on ${kafkaArn('topic', 'parcels')}`,
    ])
  })

  it('is to read the topics that wake it, in its own groups', () => {
    expect(may('courier', 'kafka-cluster:ReadData')).toEqual([
      `kafka-cluster:ReadData on ${kafkaArn('topic', 'couriers')}`,
    ])
    expect(may('courier', 'kafka-cluster:AlterGroup')).toEqual([
      `kafka-cluster:AlterGroup on ${kafkaArn('group', 'dev-courier.couriers')}`,
    ])
    expect(may('relay', 'kafka-cluster:ReadData')).toEqual([])
  })

  it('is what the catalog says of each table, indexes by name', () => {
    const table = '${data.parcelsTable.Arn}'
    expect(may('sweeper', 'dynamodb:')).toEqual([
      `dynamodb:Query on ${table}`,
      `dynamodb:Query on ${table}/index/byOwner`,
    ])
    expect(may('parcel', 'parcelshistory').join()).not.toContain('BatchGetItem')
    expect(may('parcel', 'dynamodb:Query')).toEqual([])
    expect(may('courier', 'dynamodb:')).toEqual([])
  })

  it('is nothing with Kafka for an HTTP function, whose changes the feed publishes', () => {
    expect(may('parcelapi', 'kafka')).toEqual([])
  })

  it('names every resource', () => {
    for (const { name } of wiring.functions) {
      const role = name.replaceAll('-', '')
      expect(allowed(services, `${role}Role`)).not.toEqual([])
      for (const line of allowed(services, `${role}Role`)) expect(line).not.toContain('*')
    }
  })
})
