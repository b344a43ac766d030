/** A hundred thousand sagas that are due at once: the sweep of a minute is done within it, on the real servers. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documentClient } from '#engine/adapters/dynamodb/documents.ts'
import { dynamoDbStore } from '#engine/adapters/dynamodb/store.ts'
import { kafkaPublisher } from '#engine/adapters/kafka/publisher.ts'
import { memoryLog } from '#engine/adapters/memory/log.ts'
import { decideBatch } from '#engine/delivery/decide-batch.ts'
import { packItem } from '#engine/delivery/stored-item.ts'
import { CONTROL_TOPIC } from '#engine/saga/control-messages.ts'
import type { Item } from '#engine/model/ports.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import { createSweeper } from '#engine/saga/sweeper.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { wakePartition } from '#engine/saga/wake-index.ts'
import { freePort, startDynamoDb, startKafka } from '../../localstack/servers/index.ts'
import { orderSaga } from '../../lambdas/sagas/order/saga.ts'
import { dynamoDbAt } from '../support/dynamodb.ts'
import { createTopics, readTopic, testKafka } from '../support/kafka.ts'
import { createTestTables } from '../support/tables.ts'

const SAGAS = 100_000
/** What EventBridge gives a sweep before the next one, and the function's own time limit. */
const MINUTE_MS = 60_000
const START = Date.UTC(2026, 0, 1)
/** DynamoDB's limit. */
const BATCH = 25

let dir: string
let kafka: Awaited<ReturnType<typeof startKafka>>
let dynamodb: Awaited<ReturnType<typeof startDynamoDb>>
let client: DynamoDBClient
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'recourse-sweep-'))
  dynamodb = await startDynamoDb({ port: await freePort(), dir: join(dir, 'dynamodb') })
  kafka = await startKafka({ port: await freePort(), dir: join(dir, 'kafka') })
  client = dynamoDbAt(dynamodb.endpoint)
}, 1100_000)
afterAll(async () => {
  client?.destroy()
  await Promise.all([kafka?.stop(), dynamodb?.stop()])
  await rm(dir, { recursive: true, force: true })
}, 60_000)

/** A saga that has just begun, as its orchestrator stores it. */
function begun(id: string) {
  const aggregate = orchestrator(orderSaga)
  const message = {
    id: `order:${id}.1.0`,
    type: 'OrderCreatedEvent',
    sagaId: id,
    body: {
      orderId: id,
      customerId: 'alice',
      items: [{ productId: 'tea', quantity: 1 }],
      paymentMethod: 'tok_visa',
    },
  }
  const { commit } = decideBatch({
    aggregate,
    key: id,
    stored: undefined,
    messages: [message],
    now: START,
    read: () => undefined,
  })
  if (!commit) throw new Error('no saga has begun')
  return packItem(aggregate, id, commit.stored)
}

test(`${SAGAS} sagas due at once are woken within a minute, each of them, each under the id that its version has`, async () => {
  const tables = await createTestTables(client, [sagasTable], '')
  const one = JSON.stringify(begun('AN-ID'))
  const itemOf = (id: string) => ({
    ...(JSON.parse(one.replaceAll('AN-ID', id)) as Item),
    wakePartition: wakePartition('order', 'RUNNING', id),
  })
  const ids = Array.from({ length: SAGAS }, (_, i) => `o${i}`)
  const documents = documentClient(client)
  let next = 0
  const writer = async () => {
    while (next < SAGAS) {
      const some = ids.slice(next, (next += BATCH))
      const RequestItems = { sagas: some.map(id => ({ PutRequest: { Item: itemOf(id) } })) }
      const { UnprocessedItems = {} } = await documents.send(new BatchWriteCommand({ RequestItems }))
      if (Object.keys(UnprocessedItems).length > 0) throw new Error('DynamoDB Local did not take all of a batch')
    }
  }
  await Promise.all(Array.from({ length: 8 }, writer))
  const look = testKafka(kafka.brokers)
  await createTopics(look, [CONTROL_TOPIC])

  const log = memoryLog()
  const publisher = kafkaPublisher({ brokers: [kafka.brokers], clientId: 'sweep', auth: 'none', topicPrefix: '', log })
  let now = START + 59_999
  const sweeper = createSweeper({
    sagas: ['order', 'quoting'],
    store: dynamoDbStore({ client, tables, log }),
    publisher,
    clock: { now: () => now, sleep: () => Promise.reject(new Error('a sweep does not wait')) },
    log,
    topicOf: () => CONTROL_TOPIC,
  })
  try {
    expect(await sweeper.sweep()).toBe(0)
    now += 1
    const began = performance.now()
    const cpu = process.cpuUsage()
    expect(await sweeper.sweep()).toBe(SAGAS)
    const took = performance.now() - began
    const { user, system } = process.cpuUsage(cpu)
    console.log(
      `${SAGAS} sagas woken in ${(took / 1000).toFixed(1)} s, with ${((user + system) / 1e6).toFixed(1)} s of our own CPU`,
    )
    expect(took).toBeLessThan(MINUTE_MS)
    const records = await readTopic(look, CONTROL_TOPIC, SAGAS, MINUTE_MS)
    expect(new Set(records.map(({ headers }) => headers['ce_id']?.toString()))).toEqual(
      new Set(ids.map(id => `wake:order:${id}.1`)),
    )
  } finally {
    await publisher.disconnect()
  }
})
