/**
 * Permissions that no function and no poller uses on this machine, as a service of AWS acts for them there, and what in the
 * templates needs each. So they are not enforced here: each must be there exactly where something needs it.
 */
import { ACCOUNT, functionArn, REGION } from '../../localstack/runtime/template/resource-types.ts'
import type { Permission } from '../../localstack/runtime/template/permissions.ts'
import type { ResolvedResource } from '../../localstack/runtime/template/resolve.ts'

interface Unseen {
  readonly actions: readonly string[]
  /** Who does it there, for what. */
  readonly why: string
  /** The ARNs on which a function needs them. */
  on(fn: ResolvedResource, of: Templates): readonly string[]
}

/** What belongs to a function. */
interface Templates {
  readonly mappings: readonly ResolvedResource[]
  /** What calls it at deployment. */
  readonly customResources: readonly ResolvedResource[]
  /** By name. */
  readonly logGroups: ReadonlyMap<string, string>
}

export const UNSEEN: readonly Unseen[] = [
  {
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    why: 'Lambda writes what the function prints; here that is a file',
    on: ({ properties }, { logGroups }) => some(logGroups.get(textIn(properties['LoggingConfig'], 'LogGroup') ?? '')),
  },
  {
    actions: ['sqs:SendMessage'],
    why: 'Lambda keeps there an event that failed, and its pollers where a change feed was given up on',
    on: ({ properties }, { mappings }) => [
      ...some(textIn(properties['DeadLetterConfig'], 'TargetArn')),
      ...mappings.map(destinationOf).filter(arn => arn.startsWith('arn:aws:sqs:')),
    ],
  },
  {
    actions: [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:DescribeVpcs',
      'ec2:UnassignPrivateIpAddresses',
    ],
    why: 'Lambda places the function in its network; here everything is on the loopback interface',
    on: ({ properties }) => (properties['VpcConfig'] === undefined ? [] : ['*']),
  },
  {
    actions: ['kafka:DescribeClusterV2', 'kafka-cluster:DescribeClusterDynamicConfiguration'],
    why: "Lambda looks for the cluster's network and settings when it makes the mapping of a topic",
    on: (_, { mappings }) => mappings.map(sourceOf).filter(arn => arn.startsWith('arn:aws:kafka:')),
  },
  {
    actions: ['kafka:GetBootstrapBrokers'],
    why: "Lambda looks for the cluster's brokers when it makes the mapping of a topic, and so does a deployment",
    on: (_, { mappings, customResources }) => [
      ...mappings.map(sourceOf).filter(arn => arn.startsWith('arn:aws:kafka:')),
      ...customResources.flatMap(
        ({ properties }) => textOf(properties['Update']).match(/arn:aws:kafka:[^"\\]+/g) ?? [],
      ),
    ],
  },
  {
    actions: ['secretsmanager:GetSecretValue'],
    why: 'the function and its pollers read how to sign in to a Kafka that another runs; here functions sign in as on MSK',
    on: ({ properties }) =>
      Object.entries((properties['Environment'] as { Variables?: Record<string, string> } | undefined)?.Variables ?? {})
        .filter(([variable]) => variable.endsWith('_SECRET_ARN'))
        .map(([, arn]) => arn),
  },
  {
    actions: ['dynamodb:ListStreams'],
    why: 'Lambda looks for the change feed when it makes its mapping; the pollers of this machine are told which it is',
    on: (_, { mappings }) => mappings.map(sourceOf).filter(arn => arn.startsWith('arn:aws:dynamodb:')),
  },
]

export const isUnseen = ({ action }: Permission) => UNSEEN.some(({ actions }) => actions.includes(action))

/** What functions need of these, by their names: each permission once, sorted. */
export function unseenNeededIn(resources: readonly ResolvedResource[]): ReadonlyMap<string, readonly Permission[]> {
  const ofType = (type: string) => resources.filter(resource => resource.type === type)
  const logGroups = new Map(
    ofType('AWS::Logs::LogGroup').map(({ name, ref }) => [
      ref,
      `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${name}:*`,
    ]),
  )
  return new Map(
    ofType('AWS::Lambda::Function').map(fn => {
      const templates = {
        logGroups,
        mappings: ofType('AWS::Lambda::EventSourceMapping').filter(
          ({ properties }) => properties['FunctionName'] === fn.name,
        ),
        customResources: resources.filter(({ properties }) => properties['ServiceToken'] === functionArn(fn.name)),
      }
      const needed = UNSEEN.flatMap(({ actions, on }) =>
        actions.flatMap(action => on(fn, templates).map(resource => ({ action, resource }))),
      )
      return [fn.name, inOrder(needed)]
    }),
  )
}

/** Each once. */
export const inOrder = (permissions: readonly Permission[]): Permission[] =>
  [...new Map(permissions.map(one => [`${one.resource} ${one.action}`, one]))]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one)

const some = (text: string | undefined) => (text === undefined ? [] : [text])
const textIn = (value: unknown, name: string) => (value as Readonly<Record<string, string>> | undefined)?.[name]
const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
const sourceOf = ({ properties }: ResolvedResource) => textOf(properties['EventSourceArn'])
const destinationOf = ({ properties }: ResolvedResource) =>
  textIn((properties['DestinationConfig'] as Record<string, unknown> | undefined)?.['OnFailure'], 'Destination') ?? ''
