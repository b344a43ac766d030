/**
 * The dead letters: Lambda's own failure records, the indexer and the redriver as they are deployed, and an operator who
 * sends back what may be sent, or throws away what nobody misses.
 */
import { type IncomingRecord, parseRecord } from '#engine/delivery/envelope.ts'
import { itemKeyOf, unpackItem } from '#engine/delivery/stored-item.ts'
import { deadLetterTopicOf } from '#engine/delivery/topics.ts'
import type { MemoryStore } from '#engine/adapters/memory/store.ts'
import type { Clock, Item, Log } from '#engine/model/ports.ts'
import { isHandled } from '../../lambdas/platform/dead-letters-api/handled.ts'
import { createIndexer } from '../../lambdas/platform/dead-letters/indexer.ts'
import { decided, letterRef, readRecords } from '../../lambdas/platform/dead-letters/dead-letter-item.ts'
import { createRedriver } from '../../lambdas/platform/dead-letters/redriver.ts'
import type { Broker } from './broker.ts'
import { type Reader, vocabulariesOf } from './delivery.ts'
import type { Domain } from './domain.ts'
import type { Faults } from './faults.ts'
import type { Changed } from './feeds.ts'
import type { Ports } from './ports.ts'
import { outgoing } from './random.ts'

export const INDEXER = 'dead-letters'
/** Moves after which a dead letter is seen to, at most. */
const LATER_MAX = 600
/** Minutes of fair weather after which it is, at most. */
const ROUNDS_LATE = 12

const nameOf = (letter: Item) =>
  `${String(letter['type'])} ${String(letter['messageId'])} of ${String(letter['consumer'])}`

/** The document that Lambda writes when its last retry has failed, with the whole event inside. */
function failureRecord(record: IncomingRecord, consumer: string): Buffer {
  const { topic, partition, offset, timestamp, key, value, headers } = record
  const base64 = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString('base64')
  const event = {
    records: {
      [`${topic}-${partition}`]: [
        {
          topic,
          partition,
          offset,
          timestamp,
          key: base64(key),
          value: base64(value),
          headers: headers.map(({ name, value }) => ({ [name]: value && [...value].map(byte => (byte << 24) >> 24) })),
        },
      ],
    },
  }
  return Buffer.from(
    JSON.stringify({
      requestContext: {
        functionArn: `arn:aws:lambda:eu-west-1:123456789012:function:${consumer}`,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 3,
      },
      responseContext: { statusCode: 200, functionError: null },
      version: '1.0',
      payload: JSON.stringify(event),
    }),
  )
}

export function createLetters(world: {
  domain: Domain
  broker: Broker
  store: MemoryStore
  faults: Faults
  clock: Clock
  log: Log
  isWorkedOn: (record: IncomingRecord) => boolean
  later: (moves: number, act: () => unknown) => void
  /** A letter was marked to be sent back. */
  redriven: (what: string, change: Changed) => void
  trace: (line: string) => void
}) {
  const { domain, broker, store, faults, clock, log, trace } = world
  const vocabularies = vocabulariesOf(domain)
  const sagaFields = [...new Set(domain.consumers.flatMap(({ aggregate }) => aggregate.handles.map(m => m.sagaField)))]
  const discarded: IncomingRecord[] = []
  const missed: string[] = []
  const seen = new Set<string>()
  /** Marked to be sent back, and the change feed never triggered. */
  const unsent = new Set<string>()

  /** Those that Lambda gave up on: nothing is wrong with them. */
  const waiting = () =>
    store
      .items('dead-letters')
      .filter(item => item['status'] === 'WAITING' && item['reason'] === 'RETRY_ATTEMPTS_EXHAUSTED')

  /** Nobody works on it, its aggregate has not handled it, and it begins nothing (rule 10). */
  async function mayBeDiscarded(record: IncomingRecord): Promise<boolean> {
    if (world.isWorkedOn(record)) return false
    for (const { name, aggregate } of domain.consumers) {
      const vocabulary = vocabularies.get(name)
      const parsed = vocabulary && parseRecord(record, vocabulary)
      if (!parsed || parsed.kind === 'poison') return false
      if (parsed.kind !== 'message') continue
      if (domain.begins.has(parsed.message.type)) return false
      const [item] = await store.read([itemKeyOf(aggregate, aggregate.key?.(parsed.message) ?? parsed.message.sagaId)])
      if (!item || (await isHandled(store, aggregate, record))) return false
    }
    return true
  }

  /** Whose last commit has handled it: what it caused may not have been carried out. */
  async function handlersOf(record: IncomingRecord): Promise<string[]> {
    const handlers: string[] = []
    for (const { name, aggregate } of domain.consumers) {
      const vocabulary = vocabularies.get(name)
      const parsed = vocabulary && parseRecord(record, vocabulary)
      if (parsed?.kind !== 'message') continue
      const [item] = await store.read([itemKeyOf(aggregate, aggregate.key?.(parsed.message) ?? parsed.message.sagaId)])
      if (item && unpackItem(item).handled.includes(parsed.message.id)) handlers.push(`${parsed.message.id} by ${name}`)
    }
    return handlers
  }

  async function decide(id: string, status: 'REDRIVEN' | 'DISCARDED') {
    const [item] = await store.read([letterRef(id)])
    if (item?.['status'] !== 'WAITING' && !unsent.delete(id)) return
    if (!item) return
    const [record] = await readRecords(store, [item])
    if (!record || (status === 'DISCARDED' && !(await mayBeDiscarded(record)))) return
    const at = new Date(clock.now()).toISOString()
    const next = decided(item, { status, by: 'olga', reason: 'because', at })
    const [result] = await store.commit([{ ref: letterRef(id), previous: item, item: next }])
    if (result?.outcome !== 'committed') return
    const what = `${String(item['type'])} ${String(item['messageId'])}`
    trace(`an operator ${status === 'REDRIVEN' ? 'sends back' : 'throws away'} ${what}`)
    if (status === 'DISCARDED') {
      discarded.push(record)
      missed.push(...(await handlersOf(record)))
    } else world.redriven(what, { table: 'dead-letters', item: next })
  }

  /** An operator looks at a letter as soon as it is there, or in fair weather. */
  function look(item: Item) {
    const id = String(item['id'])
    if (seen.has(id)) return
    seen.add(id)
    const place = nameOf(item)
    const discard = faults.at('discard', place)
    const redrive = discard ?? faults.at('redrive', place)
    if (redrive !== undefined)
      world.later(1 + Math.floor(redrive * LATER_MAX), () =>
        decide(id, discard === undefined ? 'REDRIVEN' : 'DISCARDED'),
      )
  }

  const indexer: Reader = {
    name: INDEXER,
    async handle(records, { store }) {
      try {
        await createIndexer({ store, clock, log }, sagaFields)(records)
        return []
      } catch (error) {
        return records.map(record => ({ record, error }))
      }
    },
  }

  return {
    indexer,
    /** Dead letters that were thrown away. */
    discarded,
    /** Those among them that had been handled: they should have stayed. */
    missed,
    giveUp: (record: IncomingRecord, consumer: string) =>
      void broker.append(
        { topic: deadLetterTopicOf(record.topic), key: null, value: failureRecord(record, consumer), headers: [] },
        record.partition,
      ),
    /** After each commit of the table of dead letters. */
    indexed(item: Item) {
      if (item['status'] === 'WAITING' && item['reason'] === 'RETRY_ATTEMPTS_EXHAUSTED') look(item)
    },
    redrive: async (batch: readonly Changed[], { store, publisher }: Ports) => {
      await createRedriver({ store, publisher, log })(batch.map(({ item }) => item))
      return true
    },
    /** The change feed lost it: an operator who looks again sends it once more. */
    unsent: ({ item }: Changed) => void unsent.add(String(item['id'])),
    waiting: () => waiting().length + unsent.size,
    /** In fair weather an operator works them off, a minute a round: some at once, others after deadlines have passed. */
    async redriveAll(round: number) {
      for (const item of waiting())
        if (outgoing(0, nameOf(item)) * ROUNDS_LATE <= round) await decide(String(item['id']), 'REDRIVEN')
      for (const id of unsent) await decide(id, 'REDRIVEN')
    },
  }
}
