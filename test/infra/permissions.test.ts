import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { TableUse } from '#engine/catalog/catalog.ts'
import { consumerGroupOf, deadLetterTopicOf } from '#engine/delivery/topics.ts'
import { readCatalog, type WiredFunction } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { quotings } from '../../lambdas/quoting.ts'
import { talksToKafka } from '../../lib/needs.ts'
import { parseTemplate } from '../../localstack/runtime/template/cloud-assembly.ts'
import { resolveStacks } from '../../localstack/runtime/template/resolve.ts'
import { type Permission, permissionsOf } from '../../localstack/runtime/template/permissions.ts'
import { ACTIONS } from '../../scripts/permissions/actions.ts'
import { grantedIn } from '../../scripts/permissions/granted.ts'
import { nameOfResource } from '../../scripts/permissions/resources.ts'
import { tablesOf } from '../../scripts/permissions/tables.ts'
import { templatesOf } from '../../scripts/stateful/templates.ts'
import { inOrder, isUnseen, unseenNeededIn } from '../../scripts/permissions/unseen.ts'
import { kafkaKinds } from '../../scripts/cost/kafka-kinds.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)
const granted = new Map(quotings.map(quoting => [quoting, grantedIn('prod', { quoting })]))
const everywhere = [...granted.values(), ...kafkaKinds.slice(1).map(kafka => grantedIn('prod', { kafka }))].flatMap(
  stage => [...stage.values()].flat(),
)

const named = (permissions: readonly Permission[]) =>
  permissions.map(({ action, resource }) => `${action} on ${nameOfResource(resource, 'prod-')}`).toSorted()

/** The reading of the catalog that the stacks are held against: written down once more, so that neither can drift alone. */
function fromCatalog(wired: WiredFunction): string[] {
  const on = (thing: string, actions: readonly string[]) => actions.map(action => `${action} on ${thing}`)
  const commit: Partial<Record<TableUse, readonly string[]>> = {
    read: ['BatchGetItem'],
    query: ['Query'],
    put: ['PutItem'],
    insert: ['PartiQLInsert', 'PutItem'],
    update: ['PartiQLUpdate', 'PutItem'],
    add: ['UpdateItem'],
    rows: ['BatchWriteItem'],
  }
  const tables = wired.tables.flatMap(({ table, use }) =>
    use.flatMap(one =>
      one.startsWith('query:')
        ? on(`index ${table.name}/${one.slice('query:'.length)}`, ['dynamodb:Query'])
        : on(
            `table ${table.name}`,
            (commit[one] ?? []).map(action => `dynamodb:${action}`),
          ),
    ),
  )
  const stream = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(action => `dynamodb:${action}`)
  const feeds = [...wired.feeds, ...wired.streams].flatMap(({ name }) => on(`change feed of ${name}`, stream))
  const { sources, deadLetterTopics = [], publishesTo } = wired
  const read = [...sources.map(({ topic }) => topic), ...deadLetterTopics]
  const written = talksToKafka(wired) ? [...publishesTo, ...sources.map(({ topic }) => deadLetterTopicOf(topic))] : []
  const kafka = [
    ...read.flatMap(topic => on(`topic ${topic}`, ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'])),
    ...written.flatMap(topic => on(`topic ${topic}`, ['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'])),
    ...read.flatMap(topic =>
      on(`group prod-${consumerGroupOf(wired.name, topic)}`, [
        'kafka-cluster:AlterGroup',
        'kafka-cluster:DescribeGroup',
      ]),
    ),
    ...(read.length > 0
      ? on('the cluster', [
          'kafka:DescribeClusterV2',
          'kafka:GetBootstrapBrokers',
          'kafka-cluster:DescribeClusterDynamicConfiguration',
        ])
      : []),
    ...(read.length + written.length > 0 ? on('the cluster', ['kafka-cluster:Connect']) : []),
  ]
  const network = talksToKafka(wired)
    ? Object.keys(ACTIONS)
        .filter(action => action.startsWith('ec2:'))
        .map(action => `${action} on everything`)
    : []
  const every = [
    ...on('its log group', ['logs:CreateLogStream', 'logs:PutLogEvents']),
    ...on('the queue of failed events', ['sqs:SendMessage']),
  ]
  return [...new Set([...tables, ...feeds, ...kafka, ...network, ...every])].toSorted()
}

describe.each(quotings)('with quoting as %s', quoting => {
  const { functions } = readCatalog(catalogFor({ quoting }))
  it.each(functions.map(({ name }) => name))('%s may do exactly what the catalog says', name => {
    const wired = functions.find(fn => fn.name === name)
    expect(named(granted.get(quoting)?.get(name) ?? [])).toEqual(fromCatalog(wired as WiredFunction))
  })
})

describe('an action', () => {
  it('that is granted is known, with who makes it and why', () => {
    expect(
      [...new Set(everywhere.map(({ action }) => action))].filter(action => !Object.hasOwn(ACTIONS, action)),
    ).toEqual([])
  })

  it('that is known is granted to somebody', () => {
    const used = new Set(everywhere.map(({ action }) => action))
    expect(Object.keys(ACTIONS).filter(action => !used.has(action))).toEqual([])
  })

  it('on everything is only that of placing a function in the network, as interfaces have no names before', () => {
    const wild = everywhere.filter(({ resource }) => resource === '*')
    expect([...new Set(wild.map(({ action }) => action.split(':')[0]))]).toEqual(['ec2'])
  })

  it('on a part of a name is only that of logging, as Lambda names the streams of a log group', () => {
    const parts = everywhere.filter(({ resource }) => resource !== '*' && resource.includes('*'))
    for (const { resource } of parts) expect(resource).toMatch(/^arn:aws:logs:[^*]+:log-group:[^*]+:\*$/)
  })

  it('has no wildcard in it', () => {
    expect(everywhere.filter(({ action }) => action.includes('*'))).toEqual([])
  })

  it('of DynamoDB by the code is one that a call of the store needs, and no call needs another', () => {
    /** What IAM asks for each command of the SDK (by its statements, for those that carry some). */
    const needs: Readonly<Record<string, readonly string[]>> = {
      BatchGetItem: ['BatchGetItem'],
      BatchWriteItem: ['BatchWriteItem'],
      BatchExecuteStatement: ['PartiQLInsert', 'PartiQLUpdate'],
      PutItem: ['PutItem'],
      Query: ['Query'],
      TransactWriteItems: ['PutItem', 'UpdateItem'],
    }
    const sources = globSync('lambdas/**/*.ts', { cwd: root }).map(file => readFileSync(join(root, file), 'utf8'))
    const commands = sources.flatMap(text =>
      [...text.matchAll(/new (\w+)Command\(/g)].map(([, command = '']) => command),
    )
    const called = [...new Set(commands)].filter(command => command !== 'GetSecretValue').toSorted()
    expect(called).toEqual(Object.keys(needs).toSorted())
    const ofCode = Object.entries(ACTIONS).filter(
      ([action, { by }]) => action.startsWith('dynamodb:') && by.includes('code'),
    )
    expect(ofCode.map(([action]) => action).toSorted()).toEqual(
      [...new Set(called.flatMap(command => needs[command] ?? []))].map(action => `dynamodb:${action}`).toSorted(),
    )
  })
})

describe('what only services of AWS use', () => {
  it.each(kafkaKinds.map(kafka => [kafka?.kind, kafka]))(
    'is granted exactly where something needs it: %s',
    (_, kafka) => {
      const stacks = Object.entries(templatesOf('prod', { kafka })).map(([name, template]) => ({
        name,
        template: parseTemplate(template),
        assets: {},
      }))
      const permissions = permissionsOf(stacks)
      for (const [name, needed] of unseenNeededIn(resolveStacks(stacks)))
        expect(inOrder((permissions.get(name) ?? []).filter(isUnseen)), name).toEqual(needed)
      for (const one of everywhere.filter(isUnseen)) expect(ACTIONS[one.action]?.by, one.action).not.toEqual(['code'])
    },
  )
})

describe('npm run permissions', () => {
  const permissions = (...args: string[]) =>
    run(process.execPath, [join(root, 'scripts/permissions/permissions.ts'), ...args])
  const [first] = granted.values()

  it('has each permission of each function in its table, and each action in the last one', () => {
    const tables = new Map(tablesOf(first ?? new Map(), 'prod').map(table => [table.title, table.rows]))
    for (const [name, all] of first ?? []) {
      const rows = [...(tables.get(name) ?? tables.get('bootstrap brokers (at deployment)') ?? [])]
      const network = all.some(({ action }) => action.startsWith('ec2:'))
      rows.push(...(network ? (tables.get('every function in the network') ?? []) : []))
      const printed = rows.flatMap(([on, may = '']) => may.split('\n').map(action => `${action} on ${on}`))
      expect(printed.toSorted(), name).toEqual(named(all))
    }
    const actions = new Set(tables.get('Actions')?.map(([action]) => action))
    expect(actions).toEqual(new Set([...(first?.values() ?? [])].flat().map(({ action }) => action)))
  })

  it('prints one function, and says which there are when there is no such one', async () => {
    const { stdout } = await permissions('--stage', 'dev', '--function', 'outbox-relay')
    expect(stdout).toMatch(/^outbox-relay\n[^]*dynamodb:GetRecords[^]*\nActions\n/)
    await expect(permissions('--function', 'nobody')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/the stage has no function nobody; it has .*outbox-relay/),
    })
  })
})

describe("the reader of a function's policies", () => {
  const templates = (policy: object) => [
    {
      name: 'one',
      assets: {},
      template: parseTemplate({
        Resources: {
          Fn: {
            Type: 'AWS::Lambda::Function',
            Properties: { FunctionName: 'fn', Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
          },
          Role: { Type: 'AWS::IAM::Role', Properties: {} },
          Policy: {
            Type: 'AWS::IAM::Policy',
            Properties: { Roles: [{ Ref: 'Role' }], PolicyDocument: { Statement: [policy] } },
          },
        },
      }),
    },
  ]
  const statement = { Effect: 'Allow', Action: ['a:B', 'a:A'], Resource: 'arn:aws:a:::x' }

  it('lists each action on each resource once', () => {
    expect(permissionsOf(templates(statement)).get('fn')).toEqual([
      { action: 'a:A', resource: 'arn:aws:a:::x' },
      { action: 'a:B', resource: 'arn:aws:a:::x' },
    ])
  })

  it.each([
    ['Deny', { ...statement, Effect: 'Deny' }],
    ['Condition', { ...statement, Condition: {} }],
    ['NotAction', { Effect: 'Allow', NotAction: 'a:B', Resource: '*' }],
  ])('refuses what it does not read: %s', (what, policy) => {
    expect(() => permissionsOf(templates(policy))).toThrow(`one/Policy: a statement with ${what}`)
  })
})
