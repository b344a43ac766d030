import type { KafkaRecord } from './kafka/event.ts'
import { isRecord } from './sources/delivery.ts'

/** One message of a saga, as it was seen on its topic. */
export interface SeenMessage {
  /** `OrderCreatedEvent`; `?` where neither headers nor value tell it. */
  readonly message: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Undefined for a message that came without an id. */
  readonly id?: string
  /** The version of the item whose commit caused it, if the id tells it. */
  readonly version?: number
}

export interface Timeline {
  /** Told of every record that is read, by whichever consumer. */
  observe(record: KafkaRecord): void
  /** What was seen of a saga so far, in the order in which it was read. */
  of(sagaId: string): readonly SeenMessage[]
  /** Records seen so far, by topic; each counts once, however many consumers read it. */
  counts(): Readonly<Record<string, number>>
}

/** What is remembered, at most: of the latest sagas, the first messages. */
const SAGAS_MAX = 5000
const MESSAGES_A_SAGA_MAX = 100

export function createTimeline(): Timeline {
  const sagas = new Map<string, SeenMessage[]>()
  const counted = new Map<string, number>()
  /** The next offset of each partition: what was seen by one consumer is no news from another. */
  const next = new Map<string, number>()

  function remember(sagaId: string, seen: SeenMessage) {
    const messages = sagas.get(sagaId) ?? []
    if (messages.length < MESSAGES_A_SAGA_MAX) messages.push(seen)
    if (sagas.has(sagaId)) return
    sagas.set(sagaId, messages)
    const oldest = sagas.keys().next().value
    if (sagas.size > SAGAS_MAX && oldest !== undefined) sagas.delete(oldest)
  }

  return {
    observe(record) {
      const place = `${record.topic}-${record.partition}`
      if (record.offset < (next.get(place) ?? 0)) return
      next.set(place, record.offset + 1)
      counted.set(record.topic, (counted.get(record.topic) ?? 0) + 1)
      const { sagaId, ...seen } = describe(record)
      if (sagaId !== undefined) remember(sagaId, seen)
    },
    of: sagaId => [...(sagas.get(sagaId) ?? [])],
    counts: () => Object.fromEntries(counted),
  }
}

/** From the headers; a foreign message without them is read from its value. */
function describe(record: KafkaRecord): SeenMessage & { sagaId?: string } {
  const headers = Object.fromEntries(record.headers.map(([name, value]) => [name, value?.toString('utf8')]))
  const { topic, partition, offset } = record
  const body = headers['ce_type'] === undefined ? parse(record.value) : {}
  const text = (...values: unknown[]) => values.find(value => typeof value === 'string')
  const id = text(headers['ce_id'], body['commandID'], body['eventID'])
  const version = id?.match(/\.(\d+)\.\d+$/)?.[1]
  const sagaId = text(headers['sagaid'], record.key?.toString('utf8'))
  return {
    message: text(headers['ce_type'], body['commandType'], body['eventType']) ?? '?',
    topic,
    partition,
    offset,
    ...(id !== undefined && { id }),
    ...(version !== undefined && { version: Number(version) }),
    ...(sagaId !== undefined && { sagaId }),
  }
}

function parse(value: Buffer | null): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(value?.toString('utf8') ?? '')
    return isRecord(parsed) ? parsed : {}
  } catch {
    return {}
  }
}
