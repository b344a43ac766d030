import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Quoting } from '../../../lambdas/quoting.ts'
import { signToken } from '../../../localstack/runtime/identity.ts'
import { planOf } from '../../../localstack/runtime/template/plan.ts'
import type { KafkaSourcePlan, Plan } from '../../../localstack/runtime/template/plan-types.ts'
import { drained, type Produced, produce } from '../../support/broker-client.ts'
import { dynamoDbAt } from '../../support/dynamodb.ts'
import { HttpClient, Operator } from '../../support/http-client.ts'
import { until } from '../../support/until.ts'
import type { Guarded } from '../guarded.ts'

/** A guarded system and who uses it. */
export interface World extends Guarded {
  readonly quoting: Quoting
  readonly plan: Plan
  readonly operator: Operator
  readonly alice: HttpClient
  /** By the listener and the address that are not guarded. */
  readonly brokers: string
  readonly endpoint: string
  /** Mappings that have somewhere to give up to. */
  readonly sources: readonly (KafkaSourcePlan & { readonly onFailureTopic: string })[]
}

export async function worldOf(guarded: Guarded, quoting: Quoting): Promise<World> {
  const { runtime, stacks } = guarded
  const plan = planOf(stacks)
  const [asOperator, asAlice] = await Promise.all([
    signToken({ sub: 'olga', groups: ['operators'] }),
    signToken({ sub: 'alice' }),
  ])
  return {
    ...guarded,
    quoting,
    plan,
    operator: new Operator(runtime.url, asOperator),
    alice: new HttpClient(runtime.url, asAlice),
    brokers: String(runtime.brokers[0]),
    endpoint: runtime.dynamodbEndpoint,
    sources: plan.kafkaSources.flatMap(source =>
      source.onFailureTopic === undefined ? [] : [{ ...source, onFailureTopic: source.onFailureTopic }],
    ),
  }
}

/** What a consumer finds at once when it comes back, so that it handles many of one partition together; until it has. */
export async function together({ operator, brokers }: World, consumer: string, records: readonly Produced[]) {
  await operator.pause(consumer)
  await produce(brokers, records)
  await operator.resume(consumer)
  await drained(brokers)
}

/** Changes fields of an item, as if the minutes had passed. Throws if there is no such item. */
export async function age(
  { endpoint }: World,
  table: string,
  key: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, unknown>>,
) {
  const client = dynamoDbAt(endpoint)
  const names = Object.keys(fields)
  try {
    await DynamoDBDocumentClient.from(client).send(
      new UpdateCommand({
        TableName: table,
        Key: key,
        ConditionExpression: `attribute_exists(${Object.keys(key)[0]})`,
        UpdateExpression: `SET ${names.map((_, i) => `#${i} = :${i}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#${i}`, name])),
        ExpressionAttributeValues: Object.fromEntries(names.map((name, i) => [`:${i}`, fields[name]])),
      }),
    )
  } finally {
    client.destroy()
  }
}

/** Until a function has done this. */
export const used = ({ uses }: World, functionName: string, action: string, ofResource: string) =>
  until(`${functionName} to use ${action} on ${ofResource}`, 60_000, () =>
    uses.some(
      use =>
        use.allowed && use.functionName === functionName && use.action === action && use.resource.endsWith(ofResource),
    ),
  )
