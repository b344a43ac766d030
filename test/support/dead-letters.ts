/** Dead letters in one process: their topics, their table, their API, on memory adapters without any fault. */
import { memoryClock } from '#engine/adapters/memory/clock.ts'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { headersOf } from '#engine/adapters/record-headers.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import type { Domain } from '#engine/catalog/catalog.ts'
import type { IncomingRecord } from '#engine/delivery/envelope.ts'
import { consumersTable } from '#engine/delivery/failure-entry.ts'
import type { Item, Log, OutgoingRecord, Store } from '#engine/model/ports.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { createDeadLetterApi } from '../../lambdas/platform/dead-letters-api/api.ts'
import { ownersOf } from '../../lambdas/platform/dead-letters-api/handled.ts'
import { createIndexer } from '../../lambdas/platform/dead-letters/indexer.ts'
import { createRedriver } from '../../lambdas/platform/dead-letters/redriver.ts'
import { deadLettersTable } from '../../lambdas/platform/dead-letters/tables.ts'
import { kiosk } from '../example/kiosk.ts'
import { gatewayTo, recordedLog } from './http.ts'

export const START = Date.parse('2026-11-21T12:00:00.000Z')

export interface Given {
  readonly topic?: string
  readonly partition?: number
  readonly offset?: number
  readonly timestamp?: number
  readonly key?: string | null
  readonly value?: string | Uint8Array | null
  readonly headers?: Readonly<Record<string, string>>
}

/** A record of a topic. */
export const record = ({
  topic = 'orders-commands',
  partition = 0,
  offset = 0,
  timestamp = START,
  key = 'o1',
  value = '{}',
  headers = {},
}: Given = {}): IncomingRecord => ({
  topic,
  partition,
  offset,
  timestamp,
  key: key === null ? null : Buffer.from(key),
  value: typeof value === 'string' ? Buffer.from(value) : value,
  headers: Object.entries(headers).map(([name, text]) => ({ name, value: Buffer.from(text) })),
})

/** A published record as it is read, at its offset. */
export const readBack = (
  { topic, key, value, ...told }: OutgoingRecord,
  offset = 0,
  timestamp = START,
): IncomingRecord => ({
  topic,
  partition: 0,
  offset,
  timestamp,
  key: typeof key === 'string' ? Buffer.from(key) : key,
  value: typeof value === 'string' ? Buffer.from(value) : value,
  headers: headersOf(told),
})

export interface DeadLetterSettings {
  readonly publisher?: ReturnType<typeof memoryPublisher>
  /** Gets what is logged in the place of the answer's `log`. */
  readonly log?: Log
  /** Whose consumers and sagas there are; the kiosk's unless they are given. */
  readonly domains?: readonly Domain[]
}

/** `call` as an operator; what it decides to redrive is published at once, as the change feed does. */
export function deadLetters({ publisher = memoryPublisher(), log: given, domains = [kiosk] }: DeadLetterSettings = {}) {
  const owners = ownersOf(domains)
  const tables = new Set([
    deadLettersTable,
    consumersTable,
    sagasTable,
    ...[...owners.values()].map(({ table }) => table),
  ])
  const memory = memoryStore([...tables])
  const clock = memoryClock(START)
  const recorded = recordedLog()
  const log = given ?? recorded
  const redrive = createRedriver({ store: memory, publisher, log })
  const fed: Item[] = []
  const store: Store = {
    ...memory,
    async commit(commits) {
      const results = await memory.commit(commits)
      for (const [i, { item }] of commits.entries())
        if (results[i]?.outcome === 'committed' && item['publishByChangeFeed'] === true) {
          fed.push(item)
          await redrive([item])
        }
      return results
    },
  }
  const app = createDeadLetterApi({
    store,
    clock,
    log,
    newId: () => 'none',
    topics: [
      'orders-events',
      'orders-commands',
      'products-commands',
      'products-events',
      'payments-commands',
      'payments-events',
      'saga-control',
    ],
    sagas: domains.flatMap(({ sagas }) => sagas),
    ownerOf: consumer => owners.get(consumer),
  })
  const call = gatewayTo(app)
  return {
    app,
    clock,
    log: recorded,
    publisher,
    redrive,
    store: memory,
    /** What the change feed brought. */
    fed,
    index: createIndexer({ store: memory, clock, log }, ['orderId', 'quoteID']),
    get: (path: string) => call({ path, sub: 'olga', groups: 'operators' }),
    post: (path: string, body: unknown) => call({ method: 'POST', path, body, sub: 'olga', groups: 'operators' }),
    call,
  }
}
