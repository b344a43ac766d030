import { describe, expect, it } from 'vitest'
import { allowed, readable, type Resource } from './fixtures/readable.ts'
import { describeStage } from './fixtures/synthesized.ts'
import { letters, wiring } from './fixtures/wiring.ts'

const servicesOf = (options: Parameters<typeof describeStage>[0] = {}) =>
  readable(describeStage(options).template('services').toJSON())

interface Mapping {
  readonly FunctionName: string
  readonly Topics?: readonly string[]
  readonly BatchSize: number
  readonly AmazonManagedKafkaEventSourceConfig?: { readonly ConsumerGroupId: string }
  readonly FilterCriteria?: { readonly Filters: readonly { readonly Pattern: string }[] }
}
const mappings = (resources: Readonly<Record<string, Resource>>) =>
  Object.values(resources)
    .filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')
    .map(({ properties }) => properties as unknown as Mapping)
const onTopics = (resources: Readonly<Record<string, Resource>>) => mappings(resources).filter(one => one.Topics)
const sources = wiring.functions.flatMap(({ name, sources: read }) => read.map(source => ({ name, ...source })))

describe('event source mappings of topics', () => {
  it('has one for each consumer and topic', () => {
    const made = onTopics(servicesOf()).map(one => `${one.FunctionName} ${one.Topics?.join()}`)
    expect(new Set(made)).toEqual(new Set(sources.map(one => `\${${one.name}Function} ${one.topic}`)))
    expect(made).toHaveLength(sources.length)
  })

  it('gives each a group of its own, by function and topic', () => {
    const groups = onTopics(servicesOf()).map(one => one.AmazonManagedKafkaEventSourceConfig?.ConsumerGroupId)
    expect(new Set(groups)).toEqual(new Set(['dev-courier.couriers', 'dev-parcel.couriers', 'dev-parcel.parcels']))
    expect(groups).toHaveLength(sources.length)
  })

  it('puts the prefix before topics, groups and dead-letter topics', () => {
    const [first] = onTopics(servicesOf({ stage: 'local', settings: { topicPrefix: 'ci-' } }))
    expect(first).toMatchObject({
      Topics: ['ci-parcels'],
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'ci-parcel.parcels' },
      DestinationConfig: { OnFailure: { Destination: 'kafka://ci-parcels.dlq' } },
    })
  })

  it('waits out an outage: retries for as long as Lambda lets it and the topic keeps the record, in halves, and only then gives up to the dead-letter topic', () => {
    for (const one of onTopics(servicesOf()))
      expect(one).toMatchObject({
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 10_000,
        MaximumRecordAgeInSeconds: 7 * 24 * 60 * 60,
        DestinationConfig: { OnFailure: { Destination: `kafka://${one.Topics?.[0]}.dlq` } },
        ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 2, PollerGroupName: 'recourse-dev' },
      })
  })

  it.each([
    { topicDays: 1, seconds: 86_400, why: 'the topic’s retention' },
    { topicDays: 3, seconds: 259_200, why: 'the topic’s retention' },
    { topicDays: 14, seconds: -1, why: 'no bound, as Lambda counts to a week: a replay of older records is tried' },
    { topicDays: 3650, seconds: -1, why: 'no bound, for the same reason' },
  ])(
    'gives up a record of a topic that keeps it for $topicDays days after $seconds s: $why',
    ({ topicDays, seconds }) => {
      const ages = onTopics(servicesOf({ settings: { retention: { topicDays } } })).map(
        one => (one as unknown as { MaximumRecordAgeInSeconds: number }).MaximumRecordAgeInSeconds,
      )
      expect(new Set(ages)).toEqual(new Set([seconds]))
    },
  )

  it('gives up a topic’s records as its own setting says, and those of the others as ever', () => {
    const retries = { parcels: { attempts: 3, ageSeconds: 60 } }
    const policies = new Map(
      onTopics(servicesOf({ settings: { retries } })).map(({ Topics, ...one }) => {
        const { MaximumRetryAttempts, MaximumRecordAgeInSeconds } = one as unknown as Record<string, number>
        return [Topics?.[0], [MaximumRetryAttempts, MaximumRecordAgeInSeconds]]
      }),
    )
    expect(policies.get('parcels')).toEqual([3, 60])
    policies.delete('parcels')
    expect(new Set([...policies.values()].map(String))).toEqual(new Set([`10000,${7 * 86_400}`]))
  })

  it('lets batches grow past fifty, and waits for none', () => {
    for (const one of onTopics(servicesOf()))
      expect(one).toMatchObject({ BatchSize: 100, MaximumBatchingWindowInSeconds: 0, StartingPosition: 'TRIM_HORIZON' })
  })

  it('filters for nobody: what a filter can’t read would vanish', () => {
    for (const one of onTopics(servicesOf())) expect(one).not.toHaveProperty('FilterCriteria')
  })

  it('waits for the policy that AWS tries when it makes the mapping', () => {
    const template = describeStage({}).template('services').toJSON() as {
      Resources: Record<string, { Type: string; Properties: Mapping; DependsOn?: string[] }>
    }
    const made = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping')
    for (const { DependsOn } of made) expect(DependsOn?.some(id => id.includes('RoleDefaultPolicy'))).toBe(true)
  })
})

describe('event source mappings of dead-letter topics', () => {
  const resources = servicesOf({ wiring: { ...wiring, functions: [...wiring.functions, letters] } })
  const made = onTopics(resources).filter(one => one.FunctionName === '${lettersFunction}')

  it('has one for each, in a group of its own, without a filter', () => {
    expect(made.map(one => [one.Topics, one.AmazonManagedKafkaEventSourceConfig?.ConsumerGroupId])).toEqual([
      [['parcels.dlq'], 'dev-letters.parcels.dlq'],
      [['couriers.dlq'], 'dev-letters.couriers.dlq'],
    ])
    for (const one of made) expect(one).not.toHaveProperty('FilterCriteria')
  })

  it('never gives up, as there is nowhere to give it to but to itself', () => {
    for (const one of made) {
      expect(one).toMatchObject({ MaximumRetryAttempts: -1, FunctionResponseTypes: ['ReportBatchItemFailures'] })
      expect(one).not.toHaveProperty('DestinationConfig')
      expect(one).not.toHaveProperty('MaximumRecordAgeInSeconds')
    }
  })

  it('may read them, and write to every topic but those', () => {
    const may = (action: string) =>
      allowed(resources, 'lettersRole')
        .filter(line => line.startsWith(`kafka-cluster:${action} `))
        .map(line => /topic\/.*\/([^/]+)$/.exec(line)?.[1])
    expect(may('ReadData')).toEqual(['couriers.dlq', 'parcels.dlq'])
    expect(may('WriteData')).toEqual(['couriers', 'parcels'])
  })
})

describe('change feeds and schedules', () => {
  it('reads only what came over HTTP from the change feed', () => {
    const [feed, ...more] = mappings(servicesOf()).filter(one => !one.Topics)
    expect(more).toEqual([])
    expect(feed).toMatchObject({
      FunctionName: '${relayFunction}',
      EventSourceArn: '${data.parcelsTable.StreamArn}',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      // Without a bound of its own; an hour before the stream forgets it, so that Lambda tells.
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: 23 * 60 * 60,
      DestinationConfig: { OnFailure: { Destination: expect.stringContaining('Failed') as string } },
    })
    expect(JSON.parse(feed?.FilterCriteria?.Filters[0]?.Pattern ?? '')).toEqual({
      eventName: ['INSERT', 'MODIFY'],
      dynamodb: { NewImage: { publishByChangeFeed: { BOOL: [true] } } },
    })
  })

  it('wakes a scheduled function every minute', () => {
    const rules = Object.values(servicesOf()).filter(({ type }) => type === 'AWS::Events::Rule')
    expect(rules).toHaveLength(1)
    expect(rules[0]?.properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Targets: [{ Arn: '${sweeperFunction.Arn}' }],
    })
  })

  it('refuses a schedule that EventBridge does not have', () => {
    const functions = wiring.functions.map(one => (one.name === 'sweeper' ? { ...one, everySeconds: 5 } : one))
    expect(() => describeStage({ wiring: { ...wiring, functions } })).toThrow('sweeper: EventBridge counts in minutes')
  })
})
