import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import { functionArn, isExecuted, ruleArn } from './resource-types.ts'
import type { Stack } from './cloud-assembly.ts'
import { planRoutes } from './plan-routes.ts'
import type { FunctionPlan, Plan, SchedulePlan, TablePlan, TopicPlan } from './plan-types.ts'
import { planKafkaSource, planStreamSource, secondsOfSchedule } from './plan-sources.ts'
import { folderOfCode, propertiesOf } from './properties.ts'
import { type ResolvedResource, resolveStacks } from './resolve.ts'

/** Pure: no file, no server. Throws an error that names the resource whose properties it can't carry out. */
export function planOf(stacks: readonly Stack[]): Plan {
  const resources = resolveStacks(stacks)
  refuseConditions(stacks)
  const ofType = (type: string) => resources.filter(resource => resource.type === type)
  const mappings = ofType('AWS::Lambda::EventSourceMapping')
  const plan = {
    tables: ofType('AWS::DynamoDB::Table').map(planTable),
    topics: ofType('AWS::MSK::Topic').map(planTopic),
    kafkaSources: mappings.flatMap(mapping => planKafkaSource(mapping) ?? []),
    streamSources: mappings.flatMap(mapping => planStreamSource(mapping) ?? []),
    routes: planRoutes(resources),
    schedules: ofType('AWS::Events::Rule').flatMap(planSchedules),
  }
  return { ...plan, functions: planFunctions(ofType('AWS::Lambda::Function'), stacks, namedFunctions(plan)) }
}

function refuseConditions(stacks: readonly Stack[]) {
  for (const stack of stacks)
    for (const [id, resource] of Object.entries(stack.template.Resources))
      if (resource.Condition !== undefined && isExecuted(resource.Type))
        throw new Error(`${stack.name}/${id} (${resource.Type}): the local runtime does not know conditions`)
}

function planTable(resource: ResolvedResource): TablePlan {
  const read = propertiesOf(resource)
  const stream = read.record('StreamSpecification')
  const expires = read.record('TimeToLiveSpecification')?.['AttributeName']
  const indexes = read.raw('GlobalSecondaryIndexes')
  const create = {
    TableName: resource.name,
    AttributeDefinitions: read.raw('AttributeDefinitions'),
    KeySchema: read.raw('KeySchema'),
    BillingMode: 'PAY_PER_REQUEST',
    ...(indexes !== undefined && { GlobalSecondaryIndexes: indexes }),
    ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream['StreamViewType'] } }),
  } as CreateTableCommandInput
  return { name: resource.name, create, ...(typeof expires === 'string' && { expires }) }
}

function planTopic(resource: ResolvedResource): TopicPlan {
  const read = propertiesOf(resource)
  const configs = configsIn(Buffer.from(read.text('Configs', ''), 'base64').toString('utf8'), read.where)
  return { name: resource.name, partitions: read.number('PartitionCount', 1), configs }
}

const TopicConfigs = z.record(z.string(), z.string())

/** `Configs` is the base64 of a JSON object whose values are text. What is anything else MSK would not take either. */
function configsIn(text: string, where: string): TopicPlan['configs'] {
  if (text === '') return {}
  const parsed = TopicConfigs.safeParse(parsedJson(text))
  if (parsed.success) return parsed.data
  throw new Error(`${where}: Configs should be base64 of a JSON object of text, such as {"retention.ms":"604800000"}`)
}

/** Undefined if it is no JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Only what something points to: functions of custom resources have no work here. */
function planFunctions(
  resources: readonly ResolvedResource[],
  stacks: readonly Stack[],
  named: ReadonlySet<string>,
): FunctionPlan[] {
  return [...named].map(name => {
    const resource = resources.find(candidate => candidate.name === name)
    if (!resource) throw new Error(`the templates point to a function ${name} that they do not have`)
    const read = propertiesOf(resource)
    const variables = read.record('Environment')?.['Variables'] ?? {}
    return {
      name,
      arn: functionArn(name),
      folder: folderOfCode(resource, stacks),
      handler: read.text('Handler', 'index.handler'),
      environment: Object.fromEntries(Object.entries(variables).map(([variable, value]) => [variable, String(value)])),
      timeoutSeconds: read.number('Timeout', 3),
      memoryMegabytes: read.number('MemorySize', 128),
    }
  })
}

const namedFunctions = (plan: Pick<Plan, 'kafkaSources' | 'streamSources' | 'routes' | 'schedules'>): Set<string> =>
  new Set([
    ...[...plan.kafkaSources, ...plan.streamSources, ...plan.schedules].map(source => source.functionName),
    ...plan.routes.flatMap(({ target }) => (target.kind === 'function' ? [target.functionName] : [])),
  ])

function planSchedules(resource: ResolvedResource): SchedulePlan[] {
  const read = propertiesOf(resource)
  const expression = read.text('ScheduleExpression', '')
  if (expression === '') throw new Error(`${read.where}: the local runtime knows only rules with a schedule`)
  if (read.text('State', 'ENABLED') === 'DISABLED') return []
  return read.list('Targets').map(target => {
    const { Arn, Input } = target as { Arn?: unknown; Input?: unknown }
    const functionName = String(Arn).match(/:function:([^:]+)$/)?.[1]
    if (!functionName)
      throw new Error(`${read.where}: the local runtime knows only functions as targets, not ${String(Arn)}`)
    return {
      name: resource.name,
      ruleArn: ruleArn(resource.name),
      functionName,
      everySeconds: secondsOfSchedule(expression, read.where),
      ...(typeof Input === 'string' && { input: JSON.parse(Input) as unknown }),
    }
  })
}
