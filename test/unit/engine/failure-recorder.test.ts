/** The shell: a consumer that fails says so where its operators look, and never fails the more for it. */
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { createConsumer } from '#engine/delivery/consumer.ts'
import { consumersTable } from '#engine/delivery/failure-entry.ts'
import { failureRecorder } from '#engine/delivery/failure-recorder.ts'
import { toRecord } from '#engine/delivery/to-record.ts'
import { aggregate, publish } from '#engine/model/aggregate-builder.ts'
import { RetryableError } from '#engine/model/errors.ts'
import { messagesOf } from '#engine/model/messages.ts'
import type { Store } from '#engine/model/ports.ts'
import { incomingRecord } from '#engine/testing/records.ts'
import { virtualClock } from '#engine/testing/virtual-clock.ts'
import { recordedLog } from '../../support/http.ts'

const table = { name: 'parcels', partition: 'parcelId' }
const parcels = messagesOf('parcel', 'parcelId')
const Packed = parcels.event('ParcelPackedEvent', z.object({}))
const Pack = parcels.command('ParcelPackCommand', z.object({}), { done: [Packed] })
const parcel = aggregate<{ packed: boolean }>('parcel', { table })
  .handles(Pack, {
    publishes: [Packed],
    decide: () => ({ kind: 'commit', state: { packed: true }, publish: [publish(Packed, {})] }),
  })
  .build()

const START = Date.parse('2026-12-01T02:00:00Z')

/** A consumer whose broker is away until `mendedAt`. `entries`: what its table of consumers does in the place of memory's. */
function failing({
  mendedAt = Number.POSITIVE_INFINITY,
  entries = {},
}: {
  mendedAt?: number
  entries?: Partial<Store>
} = {}) {
  const store = memoryStore([table, consumersTable])
  const clock = virtualClock(START)
  const log = recordedLog()
  const publisher = memoryPublisher()
  const used = { reads: 0, writes: [] as number[] }
  const counted: Pick<Store, 'read' | 'writeRows'> = {
    read(refs) {
      used.reads += 1
      return (entries.read ?? store.read)(refs)
    },
    writeRows(rows) {
      used.writes.push(clock.now() - START)
      return (entries.writeRows ?? store.writeRows)(rows)
    },
  }
  const consumer = createConsumer({
    name: 'parcel',
    aggregate: parcel,
    store,
    publisher: {
      publish: records =>
        clock.now() >= mendedAt
          ? publisher.publish(records)
          : Promise.reject(new RetryableError('the broker is away', { code: 'KAFKA_CONNECTION' })),
    },
    clock,
    log,
    topicOf: () => 'parcels-events',
    vocabulary: () => ({ ours: new Map([[Pack.type, Pack]]), others: new Set(), owner: true }),
    failures: failureRecorder('parcel', { store: counted, clock, log }),
  })
  return { consumer, clock, log, used, entries: () => store.items('consumers') }
}

const pack = (id: string, offset: number, partition = 0) => {
  const about = { messageType: Pack, body: { parcelId: id }, sagaId: id, causationId: undefined, time: START }
  const record = toRecord({ ...about, id: `delivery-saga:${id}.1.0`, source: 'delivery-saga' }, 'parcels-commands')
  return incomingRecord({ ...record, partition, offset }, START)
}

describe('a consumer that fails', () => {
  it('writes of each partition its first failed record, since when and why', async () => {
    const { consumer, entries, clock } = failing()
    await consumer.handle([pack('a', 7), pack('b', 8), pack('c', 3, 1)])
    expect(entries()).toEqual([
      {
        consumer: 'parcel',
        place: 'parcels-commands-0',
        topic: 'parcels-commands',
        partition: 0,
        offset: 7,
        failingSince: START,
        lastFailedAt: clock.now(),
        lastError: 'RetryableError KAFKA_CONNECTION: the broker is away',
        expiresAt: START / 1000 + 7 * 24 * 3600,
      },
      expect.objectContaining({ place: 'parcels-commands-1', offset: 3 }),
    ])
  })

  it('says so while it waits within an invocation, at most every half minute', async () => {
    const { consumer, clock, used, entries } = failing()
    await consumer.handle([pack('a', 7)], { until: START + 90_000 })
    expect(clock.now()).toBeGreaterThan(START + 80_000)
    const [first = Number.NaN, ...later] = used.writes
    expect(first).toBeGreaterThanOrEqual(3_000)
    expect(first).toBeLessThan(10_000)
    expect(later).toHaveLength(2)
    for (const [i, at] of later.entries()) expect(at - (used.writes[i] ?? 0)).toBeGreaterThanOrEqual(30_000)
    expect(entries()[0]?.['failingSince']).toBe(START)
  })

  it('keeps since when from one invocation to the next', async () => {
    const { consumer, clock, entries } = failing()
    await consumer.handle([pack('a', 7)])
    await clock.advance(60_000)
    await consumer.handle([pack('a', 7)])
    expect(entries()[0]).toMatchObject({ failingSince: START, lastFailedAt: START + 60_000 })
  })

  it('writes once for many invocations within half a minute', async () => {
    const { consumer, clock, used } = failing()
    for (let n = 0; n < 20; n += 1) {
      await consumer.handle([pack('a', 7)])
      await clock.advance(1_000)
    }
    expect(used.writes).toHaveLength(1)
  })

  it('touches the table neither when all goes well nor for a hiccup that is mended at once', async () => {
    const well = failing({ mendedAt: START })
    expect(await well.consumer.handle([pack('a', 7)], { until: START + 45_000 })).toEqual([])
    const hiccup = failing({ mendedAt: START + 2_000 })
    expect(await hiccup.consumer.handle([pack('a', 7)], { until: START + 45_000 })).toEqual([])
    expect([well.used, hiccup.used]).toEqual([
      { reads: 0, writes: [] },
      { reads: 0, writes: [] },
    ])
  })
})

describe('where the table of consumers is away too', () => {
  const away = () => Promise.reject(new RetryableError('no table', { code: 'DYNAMODB_AWAY' }))
  const failedOf = (failed: readonly { record: { offset: number }; error: unknown }[]) =>
    failed.map(({ record, error }) => [record.offset, (error as Error).message])

  it.each([
    ['it refuses reads', { read: away }],
    ['it refuses writes', { writeRows: away }],
    [
      'it throws',
      {
        read: () => {
          throw new TypeError('a bug')
        },
      },
    ],
  ] satisfies [string, Partial<Store>][])('nothing else fails where %s, and it is logged once', async (_, entries) => {
    const { consumer, clock, log } = failing({ entries })
    for (let n = 0; n < 3; n += 1) {
      expect(failedOf(await consumer.handle([pack('a', 7)]))).toEqual([[7, 'the broker is away']])
      await clock.advance(40_000)
    }
    expect(log.lines.filter(({ message }) => message === 'consumer.failure-not-kept')).toHaveLength(1)
  })

  it('no invocation waits for it for more than a second, and in half a minute it is tried again', async () => {
    const { consumer, clock, used } = failing({ entries: { read: () => new Promise(() => {}) } })
    expect(failedOf(await consumer.handle([pack('a', 7)]))).toEqual([[7, 'the broker is away']])
    expect(clock.now()).toBe(START + 1_000)
    await consumer.handle([pack('a', 7)])
    expect([clock.now(), used.reads]).toEqual([START + 1_000, 1])
    await clock.advance(30_000)
    await consumer.handle([pack('a', 7)])
    expect(used.reads).toBe(2)
  })
})
