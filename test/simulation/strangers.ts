/** Who else writes to the topics: operators, other teams' programs, and whoever got a topic's name wrong. */
import type { MemoryStore } from '#engine/adapters/memory/store.ts'
import type { MessageType } from '#engine/model/messages.ts'
import { SagaAbort, SagaResolve, SagaRetry } from '#engine/saga/control-messages.ts'
import { type IncomingRecord, positionId } from '#engine/delivery/envelope.ts'
import { toRecord } from '#engine/delivery/to-record.ts'
import { messageIdOf, unpackItem } from '#engine/delivery/stored-item.ts'
import type { Item } from '#engine/model/ports.ts'
import { pendingCommand } from '#engine/saga/transitions.ts'
import { orchestratorOf } from '#engine/saga/reactions.ts'
import { isClosed, type SagaState } from '#engine/saga/state.ts'
import { type Broker, header, nameOf } from './broker.ts'
import type { Domain } from './domain.ts'
import type { Faults } from './faults.ts'

/** What nobody can make anything of: each is to be found among the dead letters. */
const NONSENSE: readonly (Buffer | null)[] = [
  null,
  Buffer.from('{'),
  Buffer.from([0xff, 0x00]),
  Buffer.from('[]'),
  Buffer.from('"tok"'),
  Buffer.from('{}'),
  Buffer.from('{"commandType":"Nobody","orderId":"o0","data":{}}'),
  Buffer.from('{"eventType":"constructor","orderId":"o0"}'),
  Buffer.from('{"commandType":"__proto__","__proto__":{"orderId":"o0"}}'),
]
const FOREIGN_PREFIX = 'foreign-'
/** Others have published it, and not a service of ours. */
export const isForeign = (messageId: string) => messageId.startsWith(FOREIGN_PREFIX)
/** Moves after which an operator acts on what was seen, and others repeat what was published, at most. */
const ACTS_AFTER = 60
const REPEATS_AFTER = 1500

export function strangers(world: {
  domain: Domain
  broker: Broker
  store: MemoryStore
  faults: Faults
  later: (moves: number, act: () => unknown) => void
  trace: (line: string) => void
}) {
  const { domain, broker, store, faults, later, trace } = world
  const { topicOf } = domain
  let count = 0
  /** Where nonsense was written: `<topic>-<partition>@<offset>`. */
  const nonsense = new Set<string>()
  /** Sagas of which an operator said without knowing that a command was refused. */
  const guessedAt = new Set<string>()

  const message = new Set(domain.consumers.flatMap(({ aggregate }) => aggregate.handles.map(({ type }) => type)))

  /** The same message under the same key, by a program that writes its ids as numbers, and gives it none of its own. */
  function numbered({ value, headers }: IncomingRecord): Buffer {
    if (!message.has(header({ headers }, 'ce_type') ?? '')) return Buffer.from('{}')
    const {
      commandID: _,
      eventID: __,
      ...body
    } = JSON.parse(Buffer.from(value ?? []).toString()) as object & {
      commandID?: unknown
      eventID?: unknown
    }
    const isId = (name: string) => /I[dD]$/.test(name)
    return Buffer.from(
      JSON.stringify(Object.fromEntries(Object.entries(body).map(([name, at]) => [name, isId(name) ? 41 : at]))),
    )
  }

  const act = (message: MessageType, saga: string, sagaId: string, body: object) => {
    trace(`an operator: ${message.type} ${sagaId} ${JSON.stringify(body)}`)
    const about = { id: `op:${++count}`, causationId: undefined, time: 0, source: 'operations' }
    broker.publish([
      toRecord(
        { ...about, messageType: message, body: { sagaId, saga, by: 'olga', ...body }, sagaId },
        topicOf(message),
      ),
    ])
  }
  const idsOf = (sagaKey: string): [saga: string, id: string] => {
    const [saga = '', ...rest] = sagaKey.split(':')
    return [saga, rest.join(':')]
  }

  const definitionOf = (saga: string, { definition }: SagaState) =>
    domain.sagas.find(({ name, version }) => name === saga && version === definition)

  /** An operator who knows nothing: the command was surely refused. It may be on its way, or carried out already. */
  function guess(saga: string, state: SagaState) {
    const definition = definitionOf(saga, state)
    if (!definition || isClosed(state)) return undefined
    const [refusal] = pendingCommand(definition, state).command.refused
    return (
      refusal && { outcome: 'refused', reply: { type: refusal.type, data: { ...state.data, reason: 'CANCELLED' } } }
    )
  }

  /** A reply to what the saga waits for, if one was ever published: an operator says only what is so. */
  function replyTo(saga: string, id: string, state: SagaState) {
    const definition = definitionOf(saga, state)
    if (!definition || !state.pendingId || isClosed(state)) return undefined
    const [version, n] = state.pendingId
    const asked = messageIdOf({ type: orchestratorOf(saga) }, id, version, n)
    const command = pendingCommand(definition, state).command
    for (const record of broker.everything()) {
      if (header(record, 'causationid') !== asked) continue
      const type = header(record, 'ce_type')
      const outcome = (['done', 'refused'] as const).find(outcome => command[outcome].some(m => m.type === type))
      if (!outcome || !record.value) continue
      const body = JSON.parse(Buffer.from(record.value).toString()) as Record<string, unknown>
      const { idField = '' } = command[outcome].find(m => m.type === type) ?? {}
      return { outcome, reply: { type, data: { ...(body['data'] as object), [idField]: body[idField] } } }
    }
    return undefined
  }

  /** Something that was published before, in others' words. */
  function repeat(
    { topic, partition, key, value }: Pick<IncomingRecord, 'topic' | 'partition' | 'key' | 'value'>,
    x: number,
  ) {
    let body: unknown
    try {
      body = JSON.parse(Buffer.from(value ?? []).toString())
    } catch {
      return
    }
    if (typeof body !== 'object' || body === null) return
    const id = 'commandType' in body ? 'commandID' : 'eventID'
    if (!(id in body)) return
    const copy = Buffer.from(JSON.stringify({ ...body, [id]: `${FOREIGN_PREFIX}${++count}` }))
    trace(`somebody repeats on ${topic}: ${copy.toString()}`)
    broker.append({ topic, key: (x * 1000) % 1 < 0.5 ? key : null, value: copy, headers: [] }, partition)
  }

  return {
    nonsense,
    guessedAt,
    /** A saga was written: an operator may look at it, and act a little later, when it may have moved on. */
    sagaWritten(item: Item) {
      const sagaKey = String(item['sagaKey'])
      const version = Number(item['version'])
      const x = faults.at('operator', `${sagaKey} v${version}`)
      if (x === undefined || item['status'] === undefined) return
      const [saga, id] = idsOf(sagaKey)
      later(1 + Math.floor(((x * 100) % 1) * ACTS_AFTER), () => {
        const kind = Math.floor(x * 10)
        if (kind < 4) return act(SagaAbort, saga, id, { version })
        if (kind < 8) return act(SagaRetry, saga, id, { version })
        const now = store.items('sagas').find(item => item['sagaKey'] === sagaKey)
        if (!now) return
        const { state } = unpackItem<SagaState>(now)
        const isGuess = kind === 9
        const reply = isGuess ? guess(saga, state) : replyTo(saga, id, state)
        if (reply && isGuess) guessedAt.add(id)
        if (reply) act(SagaResolve, saga, id, { version: Number(now['version']), reason: 'it says so', ...reply })
      })
    },
    /** A record was published: others may publish it again, much later, or write nonsense. */
    outgoing(record: IncomingRecord) {
      if (record.topic.endsWith('.dlq')) return
      const x = faults.at('foreign', nameOf(record))
      if (x !== undefined) later(1 + Math.floor(((x * 100) % 1) * REPEATS_AFTER), () => repeat(record, x))
      const y = faults.at('nonsense', nameOf(record))
      if (y === undefined) return
      const { topic, partition } = record
      // One kind more than those that are nonsense whatever was said.
      const kind = Math.floor(y * (NONSENSE.length + 1))
      const [key, value] = kind < NONSENSE.length ? [null, NONSENSE[kind] ?? null] : [record.key, numbered(record)]
      nonsense.add(positionId(broker.append({ topic, key, value, headers: [] }, partition)))
    },
    /**
     * An operator retries what is STUCK because its command, or the reply, was thrown away, or because its event store's
     * feed was silent (`deaf`: the streams' ids). What is STUCK for any other reason is left: its command was heard and
     * answered, and STUCK still takes the answer (rules 2 and 3).
     */
    retryStuck(discarded: readonly IncomingRecord[], withoutFeed: ReadonlySet<string>) {
      const lost = new Set(discarded.flatMap(record => [header(record, 'ce_id'), header(record, 'causationid')]))
      for (const item of store.items('sagas').filter(({ status }) => status === 'STUCK')) {
        const { state, version } = unpackItem<SagaState>(item)
        const [saga, id] = idsOf(String(item['sagaKey']))
        const [askedAt = 0, n = 0] = state.pendingId ?? []
        if (lost.has(messageIdOf({ type: orchestratorOf(saga) }, id, askedAt, n)) || withoutFeed.has(id))
          act(SagaRetry, saga, id, { version })
      }
    },
  }
}
