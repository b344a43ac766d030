/** Orders whose messages together exceed what one request, and one batch of a partition, may hold. */
import { afterAll, expect, it } from 'vitest'
import { kafkaPublisher } from '#engine/adapters/kafka/publisher.ts'
import { silentLog } from '#engine/adapters/memory/log.ts'
import { toRecord } from '#engine/delivery/to-record.ts'
import { TOPIC_BYTES_MAX } from '#engine/delivery/topics.ts'
import { ITEM_LINES_MAX } from '#engine/model/fields.ts'
import { startDomain } from '#engine/testing'
import { OrderCreatedEvent } from '../../../lambdas/services/order/contract.ts'
import { memoryProvider } from '../../../localstack/sandbox/memory-provider.ts'
import { ordersDomain } from '../../../scripts/cost/orders-in-process.ts'
import { createTopics, readTopic, testKafka } from '../../support/kafka.ts'
import { sharedServers, unique } from '../../support/servers.ts'

const ORDERS = 300
const topicPrefix = unique('large')
const kafka = kafkaPublisher({
  auth: 'none',
  clientId: 'large',
  log: silentLog,
  brokers: [sharedServers().brokers],
  topicPrefix,
})
afterAll(() => kafka.disconnect())

it('300 orders of as many long lines as there may be, in one partition: all end', { timeout: 120_000 }, async () => {
  const provider = memoryProvider()
  const domain = startDomain(ordersDomain, {
    calls: { payment: { charge: provider.charge } },
    // Nothing goes on that Kafka has not taken.
    publishesThrough: topics => ({
      async publish(records) {
        await kafka.publish(records)
        await topics.publish(records)
      },
    }),
  })
  await createTopics(
    testKafka(),
    domain.wiring.topics.map(topic => `${topicPrefix}${topic}`),
    1,
  )
  const items = Array.from({ length: ITEM_LINES_MAX }, (_, n) => ({ productId: `${n}`.padEnd(256, 'x'), quantity: 1 }))
  for (const { productId } of items) {
    const item = {
      productId,
      name: 'p',
      shelf: 'all',
      price: { amount: 1, currency: 'EUR' },
      stock: ORDERS,
      version: 1,
    }
    await domain.store.commit([{ ref: { table: 'products', key: { productId } }, previous: undefined, item }])
  }
  const body = { customerId: 'c1', items, paymentMethod: 'tok_visa' }
  const placed = Array.from({ length: ORDERS }, (_, n) =>
    toRecord(
      {
        id: `e${n}`,
        messageType: OrderCreatedEvent,
        body,
        sagaId: `o${n}`,
        causationId: undefined,
        time: 0,
        source: 't',
      },
      'orders-events',
    ),
  )
  // As Lambda hands them over: a hundred at once.
  await domain.send(placed, { atOnce: 100 })

  const ids = new Set(placed.map(({ key }) => key))
  const approved = domain.messages().filter(({ type }) => type === 'OrderApprovedCommand')
  expect(new Set(approved.map(({ key }) => key))).toEqual(ids)
  const reserves = domain.records().filter(({ topic }) => topic === 'products-commands')
  const bytes = reserves.slice(0, 100).reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
  expect(bytes).toBeGreaterThan(2 * TOPIC_BYTES_MAX)
  const onKafka = await readTopic(testKafka(), `${topicPrefix}products-commands`, ORDERS, 30_000)
  expect(onKafka.map(({ value }) => String(value))).toEqual(reserves.map(({ value }) => String(value)))
})
