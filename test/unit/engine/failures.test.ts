/** What one failing message may hold up: nothing of another key, and nothing for longer than it has to. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { createConsumer } from '#engine/delivery/consumer.ts'
import { createStreamConsumer } from '#engine/event-store/stream-consumer.ts'
import { SagaWakeUp } from '#engine/saga/control-messages.ts'
import { wakeUpRecord } from '#engine/saga/sweeper.ts'
import type { Caller, Limits } from '#engine/delivery/consumer-settings.ts'
import { toRecord } from '#engine/delivery/to-record.ts'
import { aggregate, publish } from '#engine/model/aggregate-builder.ts'
import type { Aggregate } from '#engine/model/aggregate.ts'
import { RetryableError } from '#engine/model/errors.ts'
import { messagesOf } from '#engine/model/messages.ts'
import type { Clock, OutgoingRecord, Store } from '#engine/model/ports.ts'
import { incomingRecord } from '#engine/testing/records.ts'
import { virtualClock } from '#engine/testing/virtual-clock.ts'
import { recordedLog } from '../../support/http.ts'

const table = { name: 'parcels', partition: 'parcelId' }
const parcels = messagesOf('parcel', 'parcelId')
const Packed = parcels.event('ParcelPackedEvent', z.object({}))
const Pack = parcels.command('ParcelPackCommand', z.object({ weight: z.int() }), { done: [Packed] })

interface Parcel {
  readonly packed: boolean
}
function weigh(weight: number) {
  if (weight === 13) throw new RangeError(`no parcel weighs ${weight}`)
}
const throwsAt = readFileSync(import.meta.filename, 'utf8')
  .split('throw new RangeError', 1)
  .join()
  .split('\n').length

const parcel = aggregate<Parcel>('parcel', { table })
  .handles(Pack, {
    publishes: [Packed],
    decide(_state, { body }) {
      weigh(body.weight)
      return { kind: 'commit', state: { packed: true }, publish: [publish(Packed, {})] }
    },
  })
  .build()

interface Printing {
  print(request: { readonly weight: number }): Promise<string>
}
const printed = aggregate<Parcel>('parcel', { table })
  .calling<Printing>()
  .handles(Pack, {
    publishes: [Packed],
    decide: (_state, { body }) => ({
      kind: 'commit',
      state: { packed: false },
      call: { name: 'print', request: { weight: body.weight } },
    }),
    answered: { print: () => ({ kind: 'commit', state: { packed: true }, publish: [publish(Packed, {})] }) },
  })
  .build()

const START = 1_000_000
function system<State extends object>(
  of: Aggregate<State>,
  {
    calls,
    wrap = store => store,
    limits = {},
  }: { calls?: Record<string, Caller>; wrap?: (store: Store, clock: Clock) => Store; limits?: Partial<Limits> } = {},
) {
  const store = memoryStore([table])
  const publisher = memoryPublisher()
  const log = recordedLog()
  const clock = virtualClock(START)
  const consumer = createConsumer({
    name: 'parcel',
    aggregate: of,
    store: wrap(store, clock),
    publisher,
    clock,
    log,
    topicOf: () => 'parcels-events',
    vocabulary: () => ({ ours: new Map([[Pack.type, Pack]]), others: new Set(), owner: true }),
    limits,
    ...(calls && { calls }),
  })
  const packed = () => publisher.records('parcels-events').map(record => record.key)
  const letters = () => publisher.records('parcels-commands.dlq')
  return { consumer, store, publisher, log, clock, packed, letters }
}

let offset = 0
/** A command of a saga of ours, unless another sent it. */
const pack = (id: string, weight = 1, source = 'delivery-saga') => {
  const about = { messageType: Pack, body: { parcelId: id, weight }, sagaId: id, causationId: undefined, time: START }
  const record = toRecord({ ...about, id: `delivery-saga:${id}.1.0`, source }, 'parcels-commands')
  return incomingRecord({ ...record, partition: 0, offset: offset++ }, START)
}
const again = ({ headers, ...letter }: OutgoingRecord) =>
  incomingRecord(
    {
      ...letter,
      topic: 'parcels-commands',
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('dlq_'))),
      partition: 0,
      offset: offset++,
    },
    START,
  )
const away = () => Promise.reject(new RetryableError('the printer is away', { code: 'PRINTER_AWAY' }))

describe('rules that throw', () => {
  it('cost one of a hundred keys a dead letter at once, which names the error, the file and the line', async () => {
    const { consumer, packed, letters, store } = system(parcel)
    const batch = Array.from({ length: 100 }, (_, i) => pack(`p${i}`, i === 42 ? 13 : 1))
    expect(await consumer.handle(batch)).toEqual([])
    expect(packed()).toHaveLength(99)
    expect(store.items('parcels')).toHaveLength(99)
    expect(letters().map(({ key, headers }) => [String(key), headers['dlq_reason'], headers['dlq_error']])).toEqual([
      [
        'p42',
        'RULES_THREW',
        `RangeError: no parcel weighs 13, at weigh (test/unit/engine/failures.test.ts:${throwsAt})`,
      ],
    ])
  })

  it('hold up nothing behind the message, of the same key either', async () => {
    const { consumer, packed, letters } = system(parcel)
    const second = { ...pack('p1', 1), headers: pack('p1', 1, 'another').headers }
    expect(await consumer.handle([pack('p1', 13), second])).toEqual([])
    expect([packed().length, letters().length]).toEqual([1, 1])
  })

  it('are mended, and the redriven message is handled as if it were new', async () => {
    const { consumer, letters } = system(parcel)
    await consumer.handle([pack('p1', 13)])
    const mended = system(printed, { calls: { print: async () => 'label' } })
    expect(await mended.consumer.handle(letters().map(again))).toEqual([])
    expect([mended.packed(), mended.letters()]).toEqual([['p1'], []])
  })

  const thrower = () => {
    throw new TypeError('this is a bug')
  }
  const beside: [what: string, rules: Partial<Aggregate<Parcel>>][] = [
    ['key', { key: ({ sagaId }) => (sagaId === 'bad' ? thrower() : sagaId) }],
    ['reads', { reads: ({ sagaId }) => (sagaId === 'bad' ? thrower() : []) }],
    ['indexed', { indexed: (_, key) => (key === 'bad' ? thrower() : {}) }],
  ]
  it.each(beside)('in what they compute beside a decision, such as %s, cost that message alone', async (_, rules) => {
    const { consumer, packed, letters } = system({ ...parcel, ...rules })
    expect(await consumer.handle([pack('a'), pack('bad'), pack('b')])).toEqual([])
    expect(packed()).toEqual(['a', 'b'])
    expect(letters().map(({ headers }) => headers['dlq_error'])).toEqual([
      expect.stringMatching(/^TypeError: this is a bug, at thrower \(test\/unit\/engine\/failures\.test\.ts:\d+\)$/),
    ])
  })

  it('in a metric are logged, and what is committed stays', async () => {
    const { consumer, packed, letters, log } = system({ ...parcel, measures: thrower })
    expect(await consumer.handle([pack('a')])).toEqual([])
    expect([packed(), letters()]).toEqual([['a'], []])
    expect(log.lines.map(({ message }) => message)).toContain('measures.threw')
  })

  it('say something of a throw that is no error', async () => {
    const { consumer, letters } = system({
      ...parcel,
      decide() {
        // oxlint-disable-next-line no-throw-literal, only-throw-error -- what somebody may do
        throw 'tok_visa_4242'
      },
    })
    await consumer.handle([pack('a')])
    expect(letters()[0]?.headers['dlq_error']).toBe('a string was thrown, which says nothing: throw an Error')
  })
})

describe('an outside call that certainly had no effect', () => {
  it('is tried a few times, then left at its intent where the clock of a saga asks again', async () => {
    let asked = 0
    const { consumer, store, packed, letters, log, clock } = system(printed, {
      calls: { print: () => (asked++, away()) },
    })
    expect(await consumer.handle([pack('p1')])).toEqual([])
    expect([asked, packed(), letters()]).toEqual([3, [], []])
    expect(store.items('parcels')).toMatchObject([{ parcelId: 'p1', packed: false }])
    expect(clock.now() - START).toBeLessThan(1_000)
    expect(log.lines.find(({ message }) => message === 'call.left')?.fields).toMatchObject({
      sagaId: 'p1',
      messageId: 'delivery-saga:p1.1.0',
      type: 'ParcelPackCommand',
      call: 'print',
    })
  })

  it('leads on when the saga asks again', async () => {
    let isAway = true
    const { consumer, packed } = system(printed, {
      calls: { print: () => (isAway ? away() : Promise.resolve('label')) },
    })
    const command = pack('p1')
    await consumer.handle([command])
    isAway = false
    expect(await consumer.handle([{ ...command, offset: offset++ }])).toEqual([])
    expect(packed()).toEqual(['p1'])
  })

  it('is delivered again where nobody asks again, and then only with what follows of its key', async () => {
    const calls = {
      print: (({ weight }: { weight: number }) => (weight === 13 ? away() : Promise.resolve('label'))) as Caller,
    }
    const { consumer, packed, letters } = system(printed, { calls })
    const batch = [pack('a'), pack('b', 13, 'another/team'), pack('c'), pack('b', 1, 'another/team'), pack('d')]
    const failed = await consumer.handle(batch)
    expect(failed.map(({ record }) => record)).toEqual([batch[1], batch[3]])
    expect([packed(), letters()]).toEqual([['a', 'c', 'd'], []])
  })

  it('that hangs keeps no other key waiting', async () => {
    const order: string[] = []
    const { consumer, clock, publisher } = system(printed, {
      calls: {
        print: async ({ weight }: { weight: number }) => {
          await clock.sleep(weight)
          return 'label'
        },
      },
    })
    const publishing = publisher.publish.bind(publisher)
    publisher.publish = async records => {
      for (const { key } of records) order.push(`${String(key)} after ${clock.now() - START} ms`)
      return publishing(records)
    }
    expect(await consumer.handle([pack('slow', 6_000), pack('a', 10), pack('b', 40)])).toEqual([])
    expect(order).toEqual(['a after 260 ms', 'b after 260 ms', 'slow after 6000 ms'])
  })
})

describe('a table or a broker that is away', () => {
  const until = (ms: number) => ({ until: START + ms })
  const awayFor =
    (ms: number) =>
    (store: Store, clock: Clock): Store => ({
      ...store,
      read: (...asked: Parameters<Store['read']>) =>
        clock.now() < START + ms
          ? Promise.reject(new RetryableError('throttled', { code: 'DYNAMODB_THROTTLING' }))
          : store.read(...asked),
    })

  it('is waited for within the invocation, with growing pauses', async () => {
    const made = system(parcel, { wrap: awayFor(20_000) })
    const { consumer, packed, letters, log, clock } = made
    expect(await consumer.handle([pack('a'), pack('b')], until(45_000))).toEqual([])
    expect([packed(), letters()]).toEqual([['a', 'b'], []])
    expect(clock.now() - START).toBeLessThan(25_001)
    expect(log.lines.filter(({ message }) => message === 'batch.waits').map(({ fields }) => fields['pause'])).toEqual([
      200, 400, 800, 1600, 3200, 5000, 5000, 5000,
    ])
  })

  it('for longer than that: everything is delivered again, and nothing is a dead letter', async () => {
    const made = system(parcel, { wrap: awayFor(60_000) })
    const { consumer, packed, letters, clock } = made
    const batch = [pack('a'), pack('b')]
    expect((await consumer.handle(batch, until(45_000))).map(({ record }) => record)).toEqual(batch)
    expect(clock.now() - START).toBeLessThanOrEqual(45_000)
    expect([packed(), letters()]).toEqual([[], []])
  })

  it('is not waited for where nobody says for how long', async () => {
    const made = system(parcel, { wrap: awayFor(60_000) })
    expect(await made.consumer.handle([pack('a')])).toHaveLength(1)
    expect(made.clock.now()).toBe(START)
  })
})

describe('rules that throw on an event of the stream that drives them', () => {
  const events = { name: 'events', partition: 'parcelId', sort: { name: 'n', type: 'number' } } as const
  interface Handled {
    readonly upTo: number
  }
  /** Throws on the second event of each stream while it is broken. */
  const driven = (isBroken: () => boolean): Aggregate<Handled> => ({
    type: 'delivery-saga',
    table,
    handles: [SagaWakeUp],
    publishes: [],
    stream: {
      table: events,
      of: message => message.sagaId,
      drives: {
        handled: state => state?.upTo ?? 0,
        asMessage: event => ({
          id: `e${String(event['n'])}`,
          type: 'Weighed',
          sagaId: String(event['parcelId']),
          body: { n: event['n'] },
        }),
      },
    },
    decide(state, { control, body }) {
      if (control) return { kind: 'ignore', why: 'nothing is late' }
      if (body['n'] === 2 && isBroken()) weigh(13)
      return { kind: 'commit', state: { upTo: (state?.upTo ?? 0) + 1 } }
    },
  })

  it('stop that stream, hold up no other, and go on without a gap once they are mended', async () => {
    let isBroken = true
    const store = memoryStore([table, events])
    const publisher = memoryPublisher()
    const log = recordedLog()
    const consumer = createStreamConsumer({
      name: 'delivery-saga',
      aggregate: driven(() => isBroken),
      store,
      publisher,
      clock: virtualClock(START),
      log,
      topicOf: () => 'saga-control',
      vocabulary: () => ({ ours: new Map([[SagaWakeUp.type, SagaWakeUp]]), others: new Set(), owner: true }),
    })
    const stream = ['p1', 'p2'].flatMap(parcelId =>
      (parcelId === 'p1' ? [1, 2, 3] : [1]).map(n => ({ parcelId, n, version: 1 })),
    )
    for (const item of stream)
      await store.commit([
        { ref: { table: 'events', key: { parcelId: item.parcelId, n: item.n } }, previous: undefined, item },
      ])
    const handled = () => store.items('parcels').map(({ parcelId, upTo }) => [parcelId, upTo])

    // No shard of the change feed waits for the repair.
    expect((await consumer.onStreamEvents(stream)).size).toBe(0)
    expect(handled()).toEqual([
      ['p1', 1],
      ['p2', 1],
    ])
    expect(log.lines.map(({ message }) => message)).toContain('message.rules-threw')

    const wakeUp = wakeUpRecord({ saga: 'delivery', id: 'p1', version: 1, now: START }, 'saga-control')
    expect(await consumer.handle([incomingRecord({ ...wakeUp, partition: 0, offset: 0 })])).toEqual([])
    const [letter] = publisher.records('saga-control.dlq')
    expect(letter?.headers).toMatchObject({ dlq_reason: 'RULES_THREW' })

    isBroken = false
    if (!letter) throw new Error('there is no letter')
    expect(await consumer.handle([{ ...again(letter), topic: 'saga-control' }])).toEqual([])
    expect(handled()).toEqual([
      ['p1', 3],
      ['p2', 1],
    ])
  })
})
