/**
 * What resources of a template cost a month when nothing asks for anything. A type that is neither priced nor known to
 * cost nothing is an error that names it: what somebody adds can't be forgotten here. Pure.
 */
import { HOURS_A_MONTH, type PriceName } from './prices.ts'
import type { Item } from './item.ts'

export interface Resource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
}
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>
}

type Properties = Readonly<Record<string, unknown>>
/** What a resource costs may depend on those beside it in its template. */
type Pricer = (properties: Properties, id: string, template: Template) => readonly Item[]

/** How long a run of the clock's function takes that finds nothing to do: an assumption. */
const IDLE_RUN_SECONDS = 0.1

export const PRICED: Readonly<Record<string, Pricer>> = {
  'AWS::MSK::Cluster': brokers,
  'AWS::EC2::NatGateway': natGateway,
  'AWS::EC2::EIP': () => [{ what: 'public address', quantity: HOURS_A_MONTH, price: 'publicIpv4' }],
  'AWS::EC2::VPCEndpoint': endpoint,
  'AWS::KMS::Key': () => [{ what: 'keys', quantity: 1, price: 'kmsKey' }],
  'AWS::WAFv2::WebACL': ({ Rules }) => [
    { what: 'web ACL', quantity: 1, price: 'webAcl' },
    { what: 'rules of the web ACL', quantity: listOf(Rules).length, price: 'webAclRule' },
  ],
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::Dashboard': () => [{ what: 'dashboard', quantity: 1, price: 'dashboard' }],
  'AWS::SecretsManager::Secret': () => [{ what: 'secrets', quantity: 1, price: 'secret' }],
  'AWS::Events::Rule': clock,
}

const BY_USE = 'paid by use'
const NOTHING = 'costs nothing'
/** Types that cost nothing at rest, and why. Mappings that share pollers are priced together: `at-rest.ts`. */
export const FREE: Readonly<Record<string, string>> = {
  'AWS::Lambda::EventSourceMapping': 'its pollers are priced by their group; a change feed has none',
  'AWS::Lambda::Function': BY_USE,
  'AWS::DynamoDB::Table': `${BY_USE}, and by what it holds`,
  'AWS::ApiGateway::RestApi': BY_USE,
  'AWS::Cognito::UserPool': 'paid by the user',
  'AWS::Logs::LogGroup': 'paid by what it takes in',
  'AWS::EC2::FlowLog': 'paid by what it takes in: only what is refused is logged',
  'AWS::SQS::Queue': BY_USE,
  'AWS::SNS::Topic': BY_USE,
  'AWS::SNS::Subscription': `${BY_USE}: the first thousand mails of a month are free`,
  'AWS::MSK::Topic': 'paid by what it holds',
  'Custom::BootstrapBrokers': 'runs when it is deployed',
  ...Object.fromEntries(
    [
      'AWS::ApiGateway::Account',
      'AWS::ApiGateway::Authorizer',
      'AWS::ApiGateway::Deployment',
      'AWS::ApiGateway::GatewayResponse',
      'AWS::ApiGateway::Method',
      'AWS::ApiGateway::Model',
      'AWS::ApiGateway::RequestValidator',
      'AWS::ApiGateway::Resource',
      'AWS::ApiGateway::Stage',
      'AWS::Cognito::UserPoolClient',
      'AWS::Cognito::UserPoolGroup',
      'AWS::EC2::InternetGateway',
      'AWS::EC2::Route',
      'AWS::EC2::RouteTable',
      'AWS::EC2::SecurityGroup',
      'AWS::EC2::SecurityGroupEgress',
      'AWS::EC2::SecurityGroupIngress',
      'AWS::EC2::Subnet',
      'AWS::EC2::SubnetRouteTableAssociation',
      'AWS::EC2::VPC',
      'AWS::EC2::VPCGatewayAttachment',
      'AWS::IAM::ManagedPolicy',
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::KMS::Alias',
      'AWS::Lambda::Permission',
      'AWS::MSK::Configuration',
      'AWS::SNS::TopicPolicy',
      'AWS::SQS::QueuePolicy',
      'AWS::WAFv2::WebACLAssociation',
    ].map(type => [type, NOTHING]),
  ),
}

export class UnpricedError extends Error {}

/** Throws an UnpricedError. */
export function itemsOf(template: Template): Item[] {
  return Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const pricer = Object.hasOwn(PRICED, Type) ? PRICED[Type] : undefined
    if (pricer) return pricer(Properties, id, template)
    if (Object.hasOwn(FREE, Type)) return []
    throw new UnpricedError(
      `nobody knows what a ${Type} (${id}) costs: price it in lib/cost/resources.ts, or list it there as free`,
    )
  })
}

/** How many times a broker of this size the large one is, in vCPU and price. */
const TIMES_LARGE: Readonly<Record<string, number>> = {
  large: 1,
  xlarge: 2,
  '2xlarge': 4,
  '4xlarge': 8,
  '8xlarge': 16,
  '12xlarge': 24,
  '16xlarge': 32,
}
const LARGE: Readonly<Record<string, PriceName>> = {
  'express.m7g': 'mskExpressLarge',
  'kafka.m7g': 'mskStandardM7gLarge',
  'kafka.m5': 'mskStandardM5Large',
}

function brokers({ NumberOfBrokerNodes, BrokerNodeGroupInfo }: Properties, id: string): Item[] {
  const { InstanceType, StorageInfo } = recordOf(BrokerNodeGroupInfo)
  const type = String(InstanceType)
  const cut = type.lastIndexOf('.')
  const price = LARGE[type.slice(0, cut)]
  const times = TIMES_LARGE[type.slice(cut + 1)]
  if (!price || !times)
    throw new UnpricedError(`nobody knows what a broker ${type} (${id}) costs: price it in lib/cost/resources.ts`)
  const count = Number(NumberOfBrokerNodes)
  const gib = Number(recordOf(recordOf(StorageInfo)['EBSStorageInfo'])['VolumeSize'] ?? 0)
  return [
    { what: `${count} brokers ${type}`, quantity: count * times * HOURS_A_MONTH, price },
    ...(gib > 0
      ? [{ what: `storage of the brokers, ${gib} GB each`, quantity: count * gib, price: 'mskStorage' } as const]
      : []),
  ]
}

/** A regional gateway is paid for each zone whose subnets use it, and has an address in each. */
function natGateway({ AvailabilityMode }: Properties, id: string, { Resources }: Template): Item[] {
  const routes = Object.values(Resources).filter(
    ({ Type, Properties }) => Type === 'AWS::EC2::Route' && recordOf(Properties?.['NatGatewayId'])['Ref'] === id,
  )
  const zones = AvailabilityMode === 'regional' ? Math.max(1, routes.length) : 1
  return [
    { what: `NAT gateway in ${zones} zones`, quantity: zones * HOURS_A_MONTH, price: 'natHour' },
    { what: 'public addresses of the NAT gateway', quantity: zones * HOURS_A_MONTH, price: 'publicIpv4' },
  ]
}

function endpoint({ VpcEndpointType, SubnetIds }: Properties): Item[] {
  if (VpcEndpointType === 'Gateway' || VpcEndpointType === undefined) return []
  const quantity = listOf(SubnetIds).length * HOURS_A_MONTH
  return [{ what: 'interface endpoints', quantity, price: 'interfaceEndpointHour' }]
}

function alarm({ Metrics, Period }: Properties): Item[] {
  const stats = listOf(Metrics).flatMap(metric => {
    const stat = recordOf(metric)['MetricStat']
    return stat === undefined ? [] : [recordOf(stat)]
  })
  const periods = Metrics === undefined ? [Number(Period)] : stats.map(stat => Number(stat['Period']))
  return periods.map(seconds => ({
    what: 'alarms',
    quantity: 1,
    price: seconds < 60 ? 'alarmMetricFast' : 'alarmMetric',
  }))
}

/** A rule is free; the function that it wakes runs whether there is work or not. */
function clock({ ScheduleExpression, Targets }: Properties, id: string, { Resources }: Template): Item[] {
  if (ScheduleExpression === undefined) return []
  const schedule = typeof ScheduleExpression === 'string' ? ScheduleExpression : JSON.stringify(ScheduleExpression)
  const rate = /^rate\((\d+) (minute|hour)s?\)$/.exec(schedule)
  if (!rate) throw new UnpricedError(`how often ${schedule} (${id}) is, lib/cost/resources.ts cannot tell`)
  const runs = ((rate[2] === 'minute' ? 60 : 1) * HOURS_A_MONTH) / Number(rate[1])
  return listOf(Targets).flatMap((target): Item[] => {
    const [wakes] = listOf(recordOf(recordOf(target)['Arn'])['Fn::GetAtt'])
    const memory = Number(Resources[String(wakes)]?.Properties?.['MemorySize'] ?? 128)
    return [
      { what: 'invocations by the clock', quantity: runs / 1e6, price: 'lambdaRequests' },
      {
        what: 'time of those invocations',
        quantity: runs * IDLE_RUN_SECONDS * (memory / 1024),
        price: 'lambdaGbSecond',
      },
    ]
  })
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const recordOf = (value: unknown): Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Properties) : {}
