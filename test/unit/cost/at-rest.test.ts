/** What resources cost at rest: small templates, with sums made by hand. */
import { describe, expect, it } from 'vitest'
import { atRest } from '../../../lib/cost/at-rest.ts'
import { usd } from '../../../lib/cost/item.ts'
import { prices } from '../../../lib/cost/prices.ts'
import { FREE, PRICED, type Resource, type Template, UnpricedError } from '../../../lib/cost/resources.ts'

const template = (Resources: Readonly<Record<string, Resource>>): Template => ({ Resources })
const one = (Type: string, Properties: Readonly<Record<string, unknown>> = {}) => template({ It: { Type, Properties } })
const bill = (...templates: Template[]) =>
  atRest(templates).items.map(item => [item.what, item.quantity, Number(usd(item).toFixed(2))])

const mapping = (group: string | undefined, MinimumPollers?: number): Resource => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: {
    ProvisionedPollerConfig: {
      ...(MinimumPollers === undefined ? {} : { MinimumPollers }),
      ...(group === undefined ? {} : { PollerGroupName: group }),
    },
  },
})

describe('what a resource costs at rest', () => {
  it('counts Express brokers by the hour, and no storage', () => {
    const cluster = one('AWS::MSK::Cluster', {
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'express.m7g.large' },
    })
    expect(bill(cluster)).toEqual([['3 brokers express.m7g.large', 2190, 893.52]])
  })

  it('counts a Standard broker twice as large as two, and the storage of each', () => {
    const cluster = one('AWS::MSK::Cluster', {
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: {
        InstanceType: 'kafka.m7g.xlarge',
        StorageInfo: { EBSStorageInfo: { VolumeSize: 100 } },
      },
    })
    expect(bill(cluster)).toEqual([
      ['3 brokers kafka.m7g.xlarge', 4380, 893.52],
      ['storage of the brokers, 100 GB each', 300, 30],
    ])
  })

  it('names a broker that nobody priced', () => {
    const cluster = one('AWS::MSK::Cluster', {
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m9g.large' },
    })
    expect(() => atRest([cluster])).toThrow(/kafka\.m9g\.large \(It\)/)
  })

  it('gives ten pollers of one group a unit, over all stacks, and each mapping without a group its own', () => {
    const eight = template({ A: mapping('stage', 8) })
    const three = template({ A: mapping('stage', 3) })
    expect(bill(eight)).toEqual([['1 units for 8 event pollers', 730, 135.05]])
    expect(bill(eight, three)).toEqual([['2 units for 11 event pollers', 1460, 270.1]])
    expect(bill(template({ A: mapping(undefined), B: mapping(undefined, 1), C: mapping('') }))).toEqual([
      ['3 units for 3 event pollers', 2190, 405.15],
    ])
  })

  it('takes nothing for the mapping of a change feed', () => {
    expect(atRest([one('AWS::Lambda::EventSourceMapping', { BatchSize: 100 })])).toEqual({ items: [], usd: 0 })
  })

  it('counts a regional NAT gateway by the zones whose subnets use it, with an address in each', () => {
    const route = (nat: string): Resource => ({ Type: 'AWS::EC2::Route', Properties: { NatGatewayId: { Ref: nat } } })
    const nat = (AvailabilityMode?: string): Resource => ({
      Type: 'AWS::EC2::NatGateway',
      Properties: { AvailabilityMode },
    })
    const routes = { A: route('Nat'), B: route('Nat'), C: route('Other') }
    expect(bill(template({ Nat: nat('regional'), ...routes }))).toEqual([
      ['NAT gateway in 2 zones', 1460, 65.7],
      ['public addresses of the NAT gateway', 1460, 7.3],
    ])
    expect(bill(template({ Nat: nat(), ...routes }))[0]).toEqual(['NAT gateway in 1 zones', 730, 32.85])
  })

  it('takes nothing for a gateway endpoint, and each zone of an interface endpoint', () => {
    expect(bill(one('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' }))).toEqual([])
    expect(bill(one('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Interface', SubnetIds: ['a', 'b', 'c'] }))).toEqual([
      ['interface endpoints', 2190, 21.9],
    ])
  })

  it('counts an alarm by its metrics, and dearer in periods under a minute', () => {
    const stat = (Period: number) => ({ MetricStat: { Period } })
    expect(
      bill(
        template({
          Plain: { Type: 'AWS::CloudWatch::Alarm', Properties: { Period: 300 } },
          Sum: { Type: 'AWS::CloudWatch::Alarm', Properties: { Metrics: [stat(60), stat(60), { Expression: 'a+b' }] } },
          Fast: { Type: 'AWS::CloudWatch::Alarm', Properties: { Period: 10 } },
        }),
      ),
    ).toEqual([
      ['alarms', 3, 0.3],
      ['alarms', 1, 0.3],
    ])
  })

  it('counts a web ACL with its rules, keys, dashboards, secrets and addresses', () => {
    const all = template({
      Acl: { Type: 'AWS::WAFv2::WebACL', Properties: { Rules: [{}, {}, {}, {}] } },
      Key: { Type: 'AWS::KMS::Key' },
      OtherKey: { Type: 'AWS::KMS::Key' },
      Dashboard: { Type: 'AWS::CloudWatch::Dashboard' },
      Secret: { Type: 'AWS::SecretsManager::Secret' },
      Address: { Type: 'AWS::EC2::EIP' },
    })
    expect(atRest([all]).usd).toBeCloseTo(5 + 4 + 2 + 3 + 0.4 + 0.005 * 730)
  })

  it('counts what the clock wakes, by how often and by the memory', () => {
    const rule = (ScheduleExpression: string) =>
      template({
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: { ScheduleExpression, Targets: [{ Arn: { 'Fn::GetAtt': ['Sweeper', 'Arn'] } }] },
        },
        Sweeper: { Type: 'AWS::Lambda::Function', Properties: { MemorySize: 1024 } },
      })
    const { items } = atRest([rule('rate(1 minute)')])
    expect(items.map(({ what, quantity }) => [what, quantity])).toEqual([
      ['time of those invocations', 4380],
      ['invocations by the clock', 0.0438],
    ])
    expect(atRest([rule('rate(2 hours)')]).items[1]?.quantity).toBeCloseTo(365 / 1e6)
    expect(() => atRest([rule('cron(0 12 * * ? *)')])).toThrow(/cron/)
    expect(atRest([one('AWS::Events::Rule', { EventPattern: {} })]).items).toEqual([])
  })

  it('names a type that is neither priced nor known to cost nothing', () => {
    expect(() => atRest([one('AWS::RDS::DBInstance')])).toThrow(UnpricedError)
    expect(() => atRest([one('AWS::RDS::DBInstance')])).toThrow(/AWS::RDS::DBInstance \(It\)/)
  })

  it('has no type both priced and free', () => {
    expect(Object.keys(PRICED).filter(type => Object.hasOwn(FREE, type))).toEqual([])
  })
})

describe('the table of prices', () => {
  it.each(Object.entries(prices))('says of %s what is counted, where to look, and where it was read', (_, price) => {
    expect(price.usd).toBeGreaterThan(0)
    expect(price.per).not.toBe('')
    expect(price.page).toMatch(/^https:\/\/(aws\.amazon\.com|docs\.temporal\.io)\//)
    expect(price.seen).toMatch(/^(https:\/\/|memory$|a public file)/)
  })
})
