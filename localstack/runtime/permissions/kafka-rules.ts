/** Policies as Kafka's access control lists, and what its authorizer says as uses of policies. Pure. */
import kafkajs, { type AclEntry, type AclPermissionTypes } from 'kafkajs'
import type { Permission } from '../template/permissions.ts'
import type { Granted } from './uses.ts'

/**
 * The action of IAM that stands for an operation of Kafka's on a resource: "Actions, resources, and condition keys for
 * Apache Kafka APIs for Amazon MSK clusters" of the Service Authorization Reference.
 */
const ACTIONS = {
  topic: {
    READ: 'ReadData',
    WRITE: 'WriteData',
    DESCRIBE: 'DescribeTopic',
    CREATE: 'CreateTopic',
    DELETE: 'DeleteTopic',
    ALTER: 'AlterTopic',
    DESCRIBE_CONFIGS: 'DescribeTopicDynamicConfiguration',
    ALTER_CONFIGS: 'AlterTopicDynamicConfiguration',
  },
  group: { READ: 'AlterGroup', DESCRIBE: 'DescribeGroup', DELETE: 'DeleteGroup' },
  cluster: {
    DESCRIBE: 'DescribeCluster',
    ALTER: 'AlterCluster',
    DESCRIBE_CONFIGS: 'DescribeClusterDynamicConfiguration',
    ALTER_CONFIGS: 'AlterClusterDynamicConfiguration',
    IDEMPOTENT_WRITE: 'WriteDataIdempotently',
  },
} as const
type Kind = keyof typeof ACTIONS
type Operation = keyof typeof kafkajs.AclOperationTypes

/** Kafka's own name for its one cluster. */
const CLUSTER = 'kafka-cluster'
const CONNECT = 'kafka-cluster:Connect'

/** Who may sign in at all: Kafka has no operation for that. */
export const whoMayConnect = (granted: Granted): string[] =>
  [...granted].flatMap(([name, permissions]) => (permissions.some(({ action }) => action === CONNECT) ? [name] : []))

/**
 * Exactly what the policies allow. To Kafka, who may read or write may describe too; to IAM not, so that it is denied
 * where no policy allows it. Throws for an action or a resource that Kafka knows nothing of.
 */
export function accessControlOf(granted: Granted): AclEntry[] {
  return [...granted].flatMap(([name, permissions]) => {
    const rules = permissions.flatMap(permission => ruleOf(permission) ?? [])
    const described = new Set(rules.flatMap(rule => (rule.operation === 'DESCRIBE' ? [placeOf(rule)] : [])))
    const implied = rules.filter(rule => !described.has(placeOf(rule)) && rule.kind !== 'cluster')
    return [
      ...rules.map(rule => entryOf(name, rule, kafkajs.AclPermissionTypes.ALLOW)),
      ...implied.map(rule => entryOf(name, { ...rule, operation: 'DESCRIBE' }, kafkajs.AclPermissionTypes.DENY)),
    ]
  })
}

interface Rule {
  readonly kind: Kind
  readonly resourceName: string
  readonly operation: Operation
}
const placeOf = ({ kind, resourceName }: Rule) => `${kind} ${resourceName}`

function ruleOf({ action, resource }: Permission): Rule | undefined {
  const [service, name] = action.split(':')
  if (service !== CLUSTER || action === CONNECT) return undefined
  const [, kind = '', resourceName] = resource.match(/^arn:aws:kafka:[^:]*:[^:]*:(\w+)\/[^/]+\/[^/]+(?:\/(.+))?$/) ?? []
  const operations: Readonly<Record<string, string>> = Object.hasOwn(ACTIONS, kind) ? ACTIONS[kind as Kind] : {}
  const operation = Object.keys(operations).find(one => operations[one] === name)
  if (operation === undefined || /[*?]/.test(resource))
    throw new Error(`Kafka can't be told of ${action} on ${resource} (permissions/kafka-rules.ts)`)
  return { kind: kind as Kind, resourceName: resourceName ?? CLUSTER, operation: operation as Operation }
}

const entryOf = (user: string, { kind, resourceName, operation }: Rule, permission: AclPermissionTypes): AclEntry => ({
  principal: `User:${user}`,
  host: '*',
  resourceType: kafkajs.AclResourceTypes[kind.toUpperCase() as 'TOPIC' | 'GROUP' | 'CLUSTER'],
  resourceName,
  resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
  operation: kafkajs.AclOperationTypes[operation],
  permissionType: permission,
})

/** What the broker let somebody do, or did not. */
export interface Decision extends Permission {
  readonly functionName: string
  readonly refused: boolean
}

/** Of a line of the broker's; undefined if it is about something else. `clusterArn`: as the policies name it. */
export function decisionIn(line: string, clusterArn: string): Decision | undefined {
  const [, verdict, user] = line.match(/^sign-in (allowed|denied) (.*)$/) ?? []
  if (user !== undefined)
    return { functionName: user, action: CONNECT, resource: clusterArn, refused: verdict === 'denied' }
  const [, who = '', is, operation = '', type = '', name = ''] =
    line.match(
      /Principal = User:(\S+) is (Allowed|Denied) operation = (\w+) from host = \S+ on resource = (\w+):LITERAL:(\S+) for request/,
    ) ?? []
  if (is === undefined || who === 'ANONYMOUS') return undefined
  const kind = type.toLowerCase()
  const actions: Readonly<Record<string, string>> = Object.hasOwn(ACTIONS, kind) ? ACTIONS[kind as Kind] : {}
  return {
    functionName: who,
    action: `kafka-cluster:${actions[operation] ?? operation}`,
    resource: kind === 'cluster' ? clusterArn : `${clusterArn.replace(':cluster/', `:${kind}/`)}/${name}`,
    refused: is === 'Denied',
  }
}

/** Of the cluster that the policies are about. Throws if they are about none: there is nothing to enforce then. */
export function clusterArnOf(granted: Granted): string {
  for (const { resource } of [...granted.values()].flat()) {
    const cluster = resource.match(/^(arn:aws:kafka:[^:]*:[^:]*:)\w+(\/[^/]+\/[^/]+)/)
    if (cluster) return `${cluster[1]}cluster${cluster[2]}`
  }
  throw new Error('the policies name no Kafka cluster: a stage on a Kafka that another runs has none to enforce')
}
