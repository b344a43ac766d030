/** What a service of a user declares as pending is found when the change feed has lost it, whatever it is called. */
import { expect, test } from 'vitest'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { pendingOf, type Service } from '#engine/catalog/catalog.ts'
import { commitFromHttp } from '#engine/delivery/http-commit.ts'
import { topicPerAggregateAndKind as topicOf } from '#engine/delivery/topics.ts'
import type { Aggregate } from '#engine/model/aggregate.ts'
import { pendingShard } from '#engine/model/pending.ts'
import { createRepublisher } from '#engine/saga/republisher.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { WITHOUT_SAGA_AFTER_MS } from '#engine/saga/sweeper.ts'
import { recordedLog } from '../../support/http.ts'
import * as k from '../../example/kiosk.ts'

interface Ticket {
  readonly status: string
  readonly soldAt: string
}
const table = { ...k.ticketsTable, indexes: [k.soldTickets.index] }
const ticket: Aggregate<Ticket> = {
  type: 'ticket',
  table,
  handles: [k.HandOut],
  publishes: [k.Sold, k.Handed],
  decide: () => ({ kind: 'ignore', why: 'never asked' }),
  indexed: ({ status }, key) => ({ pendingShard: status === 'SOLD' ? pendingShard(key) : undefined }),
}
const service: Service = {
  name: 'ticket',
  aggregate: ticket,
  http: { routes: [], tables: [], publishes: [k.Sold], republish: { while: { status: 'SOLD' }, index: k.soldTickets } },
}
const START = Date.parse('2026-11-21T12:00:00Z')

/** Tickets that were sold over HTTP, and a sweeper made of nothing but the catalog. */
async function sold(...tickets: (readonly [key: string, status: string])[]) {
  const store = memoryStore([table, sagasTable])
  for (const [key, status] of tickets)
    await commitFromHttp({
      store,
      aggregate: ticket,
      key,
      state: { status, soldAt: new Date(START).toISOString() },
      publish: [{ message: k.Sold, body: {} }],
      now: START,
    })
  const publisher = memoryPublisher()
  const log = recordedLog()
  const counted: [string, number][] = []
  const [pending] = pendingOf(k.catalogOf({ services: [service, k.printService] }))
  if (!pending) throw new Error('the catalog declares nothing as pending')
  const sweeper = createRepublisher({
    pending,
    store,
    publisher,
    clock: { now: () => START + WITHOUT_SAGA_AFTER_MS, sleep: () => Promise.resolve() },
    log: { ...log, count: (metric, value = 1) => void counted.push([metric, value]) },
    topicOf,
    findDead: async () => new Set(),
  })
  const published = () => publisher.records().map(({ topic, key, headers }) => [topic, key, headers['ce_id']])
  return { store, sweeper, log, counted, published }
}

test('it is published again under its own id, counted and logged by its own name; what is done is not', async () => {
  const { sweeper, log, counted, published } = await sold(['lost', 'SOLD'], ['over', 'HANDED'])
  expect(await sweeper.sweep()).toBe(1)
  expect(published()).toEqual([['tickets-events', 'lost', 'ticket:lost.1.0']])
  expect(counted).toEqual([['ticketsWithoutSaga', 1]])
  expect(log.lines.at(-1)).toMatchObject({ level: 'warn', message: 'tickets.republished', fields: { tickets: 1 } })
})

test('what has begun its saga is left alone', async () => {
  const { store, sweeper, published } = await sold(['begun', 'SOLD'])
  const item = { sagaKey: 'ticket:begun', status: 'RUNNING', version: 1 }
  await store.commit([{ ref: { table: 'sagas', key: { sagaKey: item.sagaKey } }, previous: undefined, item }])
  expect(await sweeper.sweep()).toBe(0)
  expect(published()).toEqual([])
})
