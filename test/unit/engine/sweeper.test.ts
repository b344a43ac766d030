import { expect, test } from 'vitest'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { createSweeper, type FindDead } from '#engine/saga/sweeper.ts'
import { wakePartition } from '#engine/saga/wake-index.ts'
import { recordedLog } from '../../support/http.ts'

const NOW = Date.UTC(2026, 11, 1)
const MINUTE = 60_000

async function sweeping(due: Readonly<Record<string, number>>, deadLetters: readonly string[]) {
  const store = memoryStore([sagasTable])
  for (const [id, wakeAt] of Object.entries(due)) {
    const key = { sagaKey: `delivery:${id}` }
    const item = {
      ...key,
      version: 7,
      status: 'RUNNING',
      wakeAt,
      wakePartition: wakePartition('delivery', 'RUNNING', id),
    }
    await store.commit([{ ref: { table: 'sagas', key }, previous: undefined, item }])
  }
  const asked: string[] = []
  const findDead: FindDead = async messages => {
    asked.push(...messages.map(({ messageId }) => messageId))
    return new Set(deadLetters)
  }
  const publisher = memoryPublisher()
  const log = recordedLog()
  const clock = { now: () => NOW, sleep: () => Promise.reject(new Error('a sweep does not wait')) }
  const topicOf = () => 'saga-control'
  await createSweeper({ sagas: ['delivery'], store, publisher, clock, log, topicOf, findDead }).sweep()
  return { woken: publisher.records().map(({ headers }) => headers['ce_id']), asked, log }
}

test('a wake-up that is a dead letter is not published again with every sweep; it is told of', async () => {
  const { woken, log } = await sweeping({ a: NOW - 4 * MINUTE, b: NOW - 4 * MINUTE }, ['wake:delivery:a.7'])
  expect(woken).toEqual(['wake:delivery:b.7'])
  expect(log.lines.find(({ message }) => message === 'saga.wake-ups-dead')?.fields).toEqual({
    saga: 'delivery',
    sagas: 1,
  })
})

test('a redriven or discarded one is woken again', async () => {
  expect((await sweeping({ a: NOW - 60 * MINUTE }, [])).woken).toEqual(['wake:delivery:a.7'])
})

test('what is due in time costs no look at the dead letters', async () => {
  const { woken, asked } = await sweeping({ a: NOW, b: NOW - 2 * MINUTE, c: NOW + 1 }, ['wake:delivery:a.7'])
  expect([new Set(woken), asked]).toEqual([new Set(['wake:delivery:a.7', 'wake:delivery:b.7']), []])
})
