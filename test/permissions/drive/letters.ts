/** What can't be handled: by functions, and by the pollers when a function fails for long. */
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb'
import { expect } from 'vitest'
import { consumersTable } from '#engine/delivery/failure-entry.ts'
import { deadLetterTopicOf } from '#engine/delivery/topics.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../../lambdas/catalog.ts'
import { countOf, drained, produce, type Read, readAll } from '../../support/broker-client.ts'
import { dynamoDbAt } from '../../support/dynamodb.ts'
import { asLambda } from '../../support/lambda-failure.ts'
import { until } from '../../support/until.ts'
import { used, type World } from './world.ts'

/** One record of each kind that was on these topics: of each type, for each saga. */
async function oneOfEachKind({ brokers, sources }: World): Promise<readonly Read[]> {
  const kinds = new Map<string, Read>()
  const read = await readAll(brokers, [...new Set(sources.map(({ topic }) => topic))])
  for (const record of read) {
    const type = typeOf(record)
    const [, saga = ''] = record.value?.toString().match(/"saga":"([\w-]+)"/) ?? []
    if (type !== undefined) kinds.set(`${record.topic} ${type} ${saga}`, record)
  }
  return [...kinds.values()]
}

/** Others' messages come without headers. */
const typeOf = ({ headers, value }: Read) =>
  headers['ce_type'] ?? value?.toString().match(/"(?:commandType|eventType)":"(\w+)"/)?.[1]

interface Letter {
  readonly id: string
  readonly key: string | null
  readonly reason: string
}

const OF_A_TOPIC = 3

/** On every topic something that nobody can handle: all of it is sent back, some at once and one alone, and one is set aside. */
export async function garbage(world: World) {
  const { brokers, operator, sources } = world
  const topics = [...new Set(sources.map(({ topic }) => topic))]
  // Of one partition, and listed together: so they are many in one call.
  const bad = topics.flatMap(topic =>
    Array.from({ length: OF_A_TOPIC }, () => ({ topic, key: 'bad', value: 'no JSON' })),
  )
  const dead = topics.map(deadLetterTopicOf)
  await operator.pause('dead-letters')
  const before = await countOf(brokers, dead)
  await produce(brokers, bad)
  await until('the dead letters', 60_000, async () => (await countOf(brokers, dead)) >= before + bad.length)
  await operator.resume('dead-letters')
  const waiting = () =>
    until('what is bad to be listed', 60_000, async () => {
      const { items } = (await operator.get('/dead-letters?limit=100&status=WAITING')).body as { items: Letter[] }
      const found = items.filter(({ reason }) => reason === 'NOT_JSON')
      return found.length >= bad.length && found
    })
  const [one] = await waiting()
  const reason = 'to see whether it may'
  expect((await operator.post(`/dead-letters/${one?.id}/redrive`, { reason })).status).toBe(202)
  expect((await operator.get(`/dead-letters?topic=${topics[0]}`)).status).toBe(200)
  for (const topic of topics)
    expect((await operator.post('/dead-letters/redrive', { reason, topic, limit: 25 })).status).toBe(202)
  for (const topic of topics) await used(world, 'dead-letters', 'kafka-cluster:WriteData', `/${topic}`)
}

/** What Lambda gave up on, but was handled after all: who keeps that is asked before it is set aside. */
export async function handledAfterAll(world: World) {
  const records = await oneOfEachKind(world)
  const { brokers, operator, quoting } = world
  const { functions } = readCatalog(catalogFor({ quoting }))
  const givenUp = functions.flatMap(({ name, sources }) =>
    sources.flatMap(({ topic, types }) =>
      records
        .filter(record => record.topic === topic && types.includes(typeOf(record) ?? ''))
        .map(record => ({ topic: deadLetterTopicOf(topic), ...asLambda(record, name) })),
    ),
  )
  await produce(brokers, givenUp)
  const letters = await until('what was given up on to be listed', 60_000, async () => {
    const { items } = (await operator.get('/dead-letters?limit=100&status=WAITING')).body as { items: Letter[] }
    const found = items.filter(({ reason }) => reason === 'RETRY_ATTEMPTS_EXHAUSTED')
    return found.length >= givenUp.length && found
  })
  const reason = 'to see whether it may'
  for (const { id } of letters)
    expect([202, 409]).toContain((await operator.post(`/dead-letters/${id}/discard`, { reason })).status)
  await drained(brokers)
}

/** Without tables every function fails at whatever it is given, and its pollers write that to the dead letters in the end. The last that is done. */
export async function givingUp(world: World) {
  const records = await oneOfEachKind(world)
  const { brokers, endpoint, plan, sources } = world
  const client = dynamoDbAt(endpoint)
  try {
    // But for the one in which each writes down why it fails.
    for (const { name } of plan.tables.filter(table => table.name !== consumersTable.name))
      await client.send(new DeleteTableCommand({ TableName: name }))
  } finally {
    client.destroy()
  }
  await produce(brokers, records)
  await Promise.all(
    sources.map(({ functionName, topic, onFailureTopic }) => {
      const told = `${functionName} gave up on`
      return Promise.all([
        used(world, functionName, 'kafka-cluster:WriteData', `/${onFailureTopic}`),
        used(world, functionName, 'dynamodb:BatchWriteItem', `/${consumersTable.name}`),
        until(`the poller of ${functionName} to give up on a record of ${topic}`, 150_000, () =>
          world.outgoing.some(line => line.startsWith(told) && line.includes(` of ${topic} (`)),
        ),
      ])
    }),
  )
}
