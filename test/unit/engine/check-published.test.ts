/** What is published is as its contract says, or nothing is committed: a receiver never has a dead letter of ours. */
import * as fc from 'fast-check'
import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { aggregate, publish } from '#engine/model/aggregate-builder.ts'
import { ContractError } from '#engine/model/errors.ts'
import { type MessageType, messagesOf } from '#engine/model/messages.ts'
import type { OutgoingRecord } from '#engine/model/ports.ts'
import { checkBody } from '#engine/delivery/check-published.ts'
import { createStreamConsumer } from '#engine/event-store/stream-consumer.ts'
import { parseRecord } from '#engine/delivery/envelope.ts'
import type { IncomingRecord } from '#engine/delivery/incoming-record.ts'
import { toRecord } from '#engine/delivery/to-record.ts'
import { commitFromHttp } from '#engine/delivery/http-commit.ts'
import { eventSourced } from '#engine/event-store/event-sourced-aggregate.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { nothing, saga } from '#engine/saga/builder.ts'
import { minutes } from '#engine/saga/durations.ts'
import * as wire from '../../example/wire.ts'
import { recordedLog } from '../../support/http.ts'

const HALF = '\ud83d'
const NOW = Date.UTC(2026, 10, 21)
const thing = messagesOf('thing', 'orderId')
const Nested = thing.event('ThingNested', z.object({ more: z.object({ a: z.unknown() }) }))
const Done = thing.event('ThingDone', z.object({ amount: z.int(), text: z.string().max(10), more: z.unknown() }))
const Do = thing.command('DoThing', z.object({}), { done: [Done] })
const table = { name: 'things', partition: 'orderId' }

type Value = { amount?: number; text?: string; more?: unknown }
const thingThatSays = (value: Value) =>
  aggregate<{ done: boolean }>('thing', { table })
    .handles(Do, {
      publishes: [Done],
      decide: () => ({
        kind: 'commit',
        state: { done: true },
        publish: [publish(Done, { amount: 1, text: 'a', more: null, ...value })],
      }),
    })
    .build()

/** Values that compile, and that every receiver would refuse. */
const unseen: [what: string, value: Value, says: string][] = [
  ['an amount beyond 2^53', { amount: 2 ** 53 }, 'data.amount'],
  ['half a cent', { amount: 0.5 }, 'data.amount'],
  ['no number', { amount: Number.NaN }, 'data.amount: it is no finite number'],
  ['a text that is too long', { text: 'SECRET-TEXT' }, 'data.text'],
  ['half a character', { text: HALF }, 'data.text: there is half a character'],
  ['half a character in a list', { more: [1, { a: HALF }] }, 'data.more.1.a: there is half a character'],
  ['half a character as a name', { more: { [HALF]: 1 } }, 'data.more: of a field'],
  ['a date', { more: new Date(NOW) }, 'data.more: it is neither'],
  ['a big integer', { more: 1n }, 'data.more: a bigint has no place'],
  // Each character takes six bytes in JSON: its item would fit a table, and its record no topic.
  ['more than a topic takes', { more: '\u0001'.repeat(170_000) }, 'data: as JSON it has 10'],
  ['a hole in a list', { more: [undefined] }, 'data.more.0: there is nothing'],
]

describe('a service whose message is not as its contract says', () => {
  it.each(unseen)('%s: commits and publishes nothing, and its error names the field', async (_, value, says) => {
    const { failed, store, published, log } = await handle(thingThatSays(value))
    expect([...failed, ...store.items('things')]).toEqual([])
    expect(published.map(({ topic }) => topic)).toEqual(['things.dlq'])
    const { dlq_reason: reason, dlq_error: why } = published[0]?.headers ?? {}
    expect(reason).toBe('RULES_THREW')
    expect(why).toContain(`ContractError: ThingDone is not as its contract says, so it is not published: ${says}`)
    expect(why).not.toContain('SECRET')
    expect(log.lines.map(line => line.message)).toContain('message.rules-threw')
  })

  it('is held to it over HTTP too, before anything is written', async () => {
    const store = memoryStore([table])
    const commit = commitFromHttp({
      store,
      aggregate: thingThatSays({}),
      key: 'o1',
      state: { done: true },
      publish: [publish(Done, { amount: 2 ** 53, text: 'a', more: null })],
      now: NOW,
    })
    await expect(commit).rejects.toThrow('ThingDone is not as its contract says, so it is not published: data.amount')
    expect(store.items('things')).toEqual([])
  })

  it('is held to it in an event store, before anything is appended', async () => {
    const events = { name: 'events', partition: 'orderId', sort: { name: 'sequenceNumber', type: 'number' } } as const
    const inner = eventSourced(thingThatSays({ amount: 2 ** 53 }), {
      store: { table: events, mayAppend: () => true },
      of: message => message.sagaId,
    })
    const { failed, store, published } = await handle(inner, [table, events])
    expect(failed).toEqual([])
    expect(published[0]?.headers).toMatchObject({ dlq_reason: 'RULES_THREW' })
    expect([...store.items('things'), ...store.items('events'), ...published.slice(1)]).toEqual([])
  })

  it('is published as ever where it is as its contract says', async () => {
    const { failed, published } = await handle(thingThatSays({ more: [{ a: ['é', 1, true, null] }] }))
    expect(failed).toEqual([])
    expect(published.map(({ headers }) => headers['ce_type'])).toEqual(['ThingDone'])
  })
})

describe('a saga', () => {
  it('is held to the contract of the commands that it sends', async () => {
    const Begin = thing.event('ThingBegun', z.object({ amount: z.number() }))
    const Charge = thing.command('ChargeThing', z.object({ amount: z.int() }), { done: [Done] })
    const charging = saga('charging', { version: 1, startsWith: Begin, deadline: minutes(1) })
      .retriable('charge', Charge, { send: state => ({ amount: state.amount }), done: { ThingDone: nothing } })
      .build()
    const { failed, store, published } = await handle(orchestrator(charging), [sagasTable], {
      eventID: 'e1',
      orderId: 'o1',
      eventType: 'ThingBegun',
      data: { amount: 2 ** 60 },
    })
    expect(failed).toEqual([])
    expect(published[0]?.headers['dlq_error']).toContain('ChargeThing is not as its contract says')
    expect([...store.items('sagas'), ...published.slice(1)]).toEqual([])
  })
})

describe('the check and the receiver', () => {
  const contracts: MessageType[] = [
    Done,
    Nested,
    wire.OrderCreatedEvent,
    wire.PaymentProcessCommand,
    wire.PaymentVoidedEvent,
    wire.ProductReserveConfirmationEvent,
    wire.ProductReserveFailedEvent,
    wire.CreatePolicy,
    wire.PolicyCreated,
    wire.PolicyCancelled,
    wire.UpdateCustomerPolicyCount,
    wire.CustomerPolicyCountUpdated,
    wire.QuoteRejected,
  ]
  const text = fc.oneof(
    fc.constantFrom('EUR', 'CANCELLED', 'p1', '', HALF, 'x'.repeat(256), 'x'.repeat(257), 'x'.repeat(1001)),
    fc.string({ maxLength: 5 }),
  )
  const number = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 1.5, 2 ** 53, 2 ** 53 - 1, 1e300), fc.double())
  const money = fc.record({ amount: number, currency: text })
  const items = fc.array(fc.record({ productId: text, quantity: number }), { maxLength: 3 })
  const values: Record<string, fc.Arbitrary<unknown>> = {
    orderId: text,
    quoteID: text,
    policyID: text,
    customerId: text,
    productId: text,
    paymentId: text,
    paymentMethod: text,
    reason: text,
    currency: text,
    text,
    amount: number,
    premium: number,
    policyCount: number,
    version: number,
    total: money,
    items,
    refunded: fc.boolean(),
    more: fc.oneof(fc.jsonValue(), fc.constantFrom({ a: undefined }, [[{ a: undefined }]])),
  }
  /** Each field is usually there, and usually of its kind. */
  const body = fc.record(
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        fc.oneof({ weight: 12, arbitrary: value }, { weight: 1, arbitrary: fc.constant(undefined) }),
      ]),
    ),
  )

  it('agree: what is published is handled, and what is refused here would be a dead letter there', () => {
    let accepted = 0
    fc.assert(
      fc.property(fc.constantFrom(...contracts), body, (messageType, written) => {
        const fields = fieldsOf(messageType, written)
        let error: unknown
        try {
          checkBody(messageType, fields)
        } catch (thrown) {
          error = thrown
        }
        const received = receive(messageType, fields)
        if (error === undefined) accepted++
        if (error !== undefined) expect(error).toBeInstanceOf(ContractError)
        expect([messageType.type, received.kind]).toEqual([
          messageType.type,
          error === undefined ? 'message' : 'poison',
        ])
      }),
      { numRuns: 1000 },
    )
    expect(accepted).toBeGreaterThan(30)
  })

  /** The fields that the contract knows, and its ids. */
  function fieldsOf(messageType: MessageType, written: Record<string, unknown>): Record<string, unknown> {
    const known = new Set([
      messageType.idField,
      ...Object.keys((messageType.schema as unknown as { shape: object }).shape),
    ])
    // Of a command's saga a receiver believes the header, and sees no fault here; we send none all the same.
    const given = messageType.kind === 'command' ? { ...written, [messageType.sagaField]: 's1' } : written
    return Object.fromEntries(Object.entries(given).filter(([field]) => known.has(field)))
  }

  function receive(messageType: MessageType, fields: Record<string, unknown>) {
    const about = { id: 'thing:s1.1.0', messageType, body: fields, sagaId: 's1', causationId: undefined, time: NOW }
    return parseRecord(incoming(toRecord({ ...about, source: 'thing' }, 'things')), {
      ours: new Map([[messageType.type, messageType]]),
      others: new Set(),
      owner: true,
    })
  }
})

const utf8 = (text: string | Uint8Array | null) =>
  typeof text === 'string' ? new TextEncoder().encode(text) : (text ?? new Uint8Array())
const incoming = ({ topic, key, value, headers }: OutgoingRecord): IncomingRecord => ({
  topic,
  partition: 0,
  offset: 0,
  timestamp: NOW,
  key: utf8(key),
  value: utf8(value),
  headers: Object.entries(headers).map(([name, text]) => ({ name, value: utf8(text) })),
})

async function handle(
  sender: Parameters<typeof createStreamConsumer>[0]['aggregate'],
  tables: Parameters<typeof memoryStore>[0] = [table],
  value: object = { commandID: 'c1', orderId: 'o1', commandType: 'DoThing', data: {} },
) {
  const store = memoryStore(tables)
  const publisher = memoryPublisher()
  const log = recordedLog()
  const consumer = createStreamConsumer({
    name: 'thing',
    aggregate: sender,
    store,
    publisher,
    log,
    clock: { now: () => NOW, sleep: () => Promise.resolve() },
    topicOf: () => 'things',
    vocabulary: () => ({
      ours: new Map(sender.handles.map(message => [message.type, message])),
      others: new Set(),
      owner: true,
    }),
  })
  const record = { topic: 'things', key: 'o1', value: JSON.stringify(value), headers: {} }
  const failed = await consumer.handle([incoming(record)])
  return { failed, store, log, published: publisher.records() }
}
