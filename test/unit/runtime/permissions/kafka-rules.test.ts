import kafkajs from 'kafkajs'
import { describe, expect, it } from 'vitest'
import {
  accessControlOf,
  clusterArnOf,
  decisionIn,
  whoMayConnect,
} from '../../../../localstack/runtime/permissions/kafka-rules.ts'
import type { Granted } from '../../../../localstack/runtime/permissions/uses.ts'

const cluster = 'arn:aws:kafka:eu-west-1:000000000000:cluster/recourse/local'
const arn = (kind: string, name: string) => `${cluster.replace(':cluster/', `:${kind}/`)}/${name}`
const may = (resource: string, ...actions: string[]) =>
  actions.map(action => ({ action: `kafka-cluster:${action}`, resource }))
const rulesOf = (granted: Granted) =>
  accessControlOf(granted).map(({ principal, operation, permissionType, resourceType, resourceName }) =>
    [
      principal,
      permissionType === kafkajs.AclPermissionTypes.ALLOW ? 'may' : 'may not',
      kafkajs.AclOperationTypes[operation] ?? nameIn(kafkajs.AclOperationTypes, operation),
      nameIn(kafkajs.AclResourceTypes, resourceType),
      resourceName,
    ].join(' '),
  )
const nameIn = (types: object, value: number) => Object.entries(types).find(([, each]) => each === value)?.[0]

describe('policies as access control', () => {
  it('say each action as the operation that it stands for, and who may connect apart', () => {
    const granted: Granted = new Map([
      [
        'order',
        [
          ...may(cluster, 'Connect', 'DescribeClusterDynamicConfiguration'),
          ...may(arn('topic', 'orders'), 'DescribeTopic', 'ReadData', 'WriteData'),
          ...may(arn('group', 'order.orders'), 'AlterGroup', 'DescribeGroup'),
          { action: 'dynamodb:PutItem', resource: 'arn:aws:dynamodb:eu-west-1:000000000000:table/orders' },
        ],
      ],
      ['silent', []],
    ])
    expect(rulesOf(granted)).toEqual([
      'User:order may DESCRIBE_CONFIGS CLUSTER kafka-cluster',
      'User:order may DESCRIBE TOPIC orders',
      'User:order may READ TOPIC orders',
      'User:order may WRITE TOPIC orders',
      'User:order may READ GROUP order.orders',
      'User:order may DESCRIBE GROUP order.orders',
    ])
    expect(whoMayConnect(granted)).toEqual(['order'])
    expect(clusterArnOf(granted)).toBe(cluster)
  })

  it('deny what reading and writing mean to Kafka, but not to IAM', () => {
    const granted: Granted = new Map([
      ['order', [...may(arn('topic', 'orders'), 'WriteData'), ...may(arn('group', 'order.orders'), 'AlterGroup')]],
    ])
    expect(rulesOf(granted)).toEqual([
      'User:order may WRITE TOPIC orders',
      'User:order may READ GROUP order.orders',
      'User:order may not DESCRIBE TOPIC orders',
      'User:order may not DESCRIBE GROUP order.orders',
    ])
  })

  it.each([
    ['an action', { action: 'kafka-cluster:*', resource: arn('topic', 'orders') }],
    ['a part of a name', { action: 'kafka-cluster:ReadData', resource: arn('topic', 'orders-*') }],
    ['an action on another kind of thing', { action: 'kafka-cluster:ReadData', resource: arn('group', 'orders') }],
  ])('refuse what Kafka can not be told: %s', (_, permission) => {
    expect(() => accessControlOf(new Map([['order', [permission]]]))).toThrow(permission.action)
  })

  it('need a cluster', () => {
    expect(() => clusterArnOf(new Map([['order', []]]))).toThrow('the policies name no Kafka cluster')
  })
})

describe("a line of the broker's", () => {
  const line = (is: string, operation: string, resource: string, user = 'order') =>
    `23:30:00 [request-handler-1] INFO kafka.authorizer.logger - Principal = User:${user} is ${is} operation = ${operation} from host = 127.0.0.1 on resource = ${resource} for request = Fetch with resourceRefCount = 1 based on rule DefaultDeny`

  it.each([
    [line('Allowed', 'READ', 'Topic:LITERAL:orders'), 'ReadData', arn('topic', 'orders'), false],
    [line('Denied', 'DESCRIBE', 'Group:LITERAL:order.orders'), 'DescribeGroup', arn('group', 'order.orders'), true],
    [line('Denied', 'IDEMPOTENT_WRITE', 'Cluster:LITERAL:kafka-cluster'), 'WriteDataIdempotently', cluster, true],
    ['sign-in allowed order', 'Connect', cluster, false],
    ['sign-in denied order', 'Connect', cluster, true],
  ])('tells who did what in terms of IAM: %s', (text, action, resource, refused) => {
    expect(decisionIn(text, cluster)).toEqual({
      functionName: 'order',
      action: `kafka-cluster:${action}`,
      resource,
      refused,
    })
  })

  it("is about nobody of ours: the runtime's own, or something else", () => {
    expect(decisionIn(line('Allowed', 'READ', 'Topic:LITERAL:orders', 'ANONYMOUS'), cluster)).toBeUndefined()
    expect(decisionIn('ready', cluster)).toBeUndefined()
  })
})
