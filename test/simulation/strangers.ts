/** Who else writes to the topics: operators, other teams' programs, and whoever got a topic's name wrong. */
import type { MemoryStore } from '#shared/adapters/memory/store.ts'
import type { Message } from '#shared/messaging/contract.ts'
import { SagaAbort, SagaRetry } from '#shared/messaging/control.ts'
import { toRecord } from '#shared/messaging/envelope.ts'
import { messageIdOf, unpackItem } from '#shared/messaging/item.ts'
import type { TopicOf } from '#shared/messaging/topics.ts'
import { orchestratorOf } from '#shared/saga/reactions.ts'
import type { SagaState } from '#shared/saga/state.ts'
import { type Broker, header } from './broker.ts'
import type { Random } from './random.ts'

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

export function strangers(world: {
  broker: Broker
  random: Random
  store: MemoryStore
  topicOf: TopicOf
  trace: (line: string) => void
}) {
  const { broker, random, store, topicOf, trace } = world
  let count = 0
  /** Where nonsense was written: `<topic>-<partition>@<offset>`. */
  const nonsense = new Set<string>()
  const operator = (message: Message, sagaKey: string, version: number) => {
    const [saga = '', ...rest] = sagaKey.split(':')
    const sagaId = rest.join(':')
    trace(`an operator: ${message.type} ${sagaId} v${version}`)
    const body = { sagaId, saga, version, by: 'olga' }
    const about = { id: `op:${++count}`, causationId: undefined, time: 0, source: 'operations' }
    broker.publish([toRecord({ ...about, message, body, sagaId }, topicOf(message))])
  }
  const isLive = ({ topic, value }: { topic: string; value: unknown }) => !topic.endsWith('.dlq') && value !== null

  return {
    nonsense,
    /** An operator acts on what was on the screen, which may be one version old. */
    operate() {
      const sagas = store.items('sagas')
      if (sagas.length === 0) return
      const item = random.pick(sagas)
      const version = Math.max(1, Number(item['version']) - (random.chance(0.3) ? 1 : 0))
      operator(random.pick([SagaAbort, SagaRetry, SagaRetry]), String(item['sagaKey']), version)
    },
    /**
     * An operator retries what is STUCK because its command, or the reply, was thrown away, or because its event store's
     * feed was silent (`deaf`: the streams' ids). What is STUCK for any other
     * reason is left: its command was heard and answered, and STUCK still takes the answer (rules 2 and 3).
     */
    retryStuck(deaf: ReadonlySet<string>) {
      const lost = new Set(broker.discarded.flatMap(record => [header(record, 'ce_id'), header(record, 'causationid')]))
      for (const item of store.items('sagas').filter(({ status }) => status === 'STUCK')) {
        const { state, version } = unpackItem<SagaState>(item)
        const sagaKey = String(item['sagaKey'])
        const [saga = '', ...id] = sagaKey.split(':')
        const [askedAt = 0, n = 0] = state.asked ?? []
        if (lost.has(messageIdOf({ type: orchestratorOf(saga) }, id.join(':'), askedAt, n)) || deaf.has(id.join(':')))
          operator(SagaRetry, sagaKey, version)
      }
    },
    /** Something that was said before, in others' words; or nonsense. */
    speak() {
      const said = broker.everything().filter(isLive)
      if (said.length === 0) return
      const { topic, partition, key, value } = random.pick(said)
      if (random.chance(0.3)) {
        nonsense.add(broker.append({ topic, key: null, value: random.pick(NONSENSE), headers: [] }, partition))
        return
      }
      let body: unknown
      try {
        body = JSON.parse(Buffer.from(value as Uint8Array).toString())
      } catch {
        return
      }
      if (typeof body !== 'object' || body === null) return
      const id = 'commandType' in body ? 'commandID' : 'eventID'
      if (!(id in body)) return
      const copy = Buffer.from(JSON.stringify({ ...body, [id]: `foreign-${++count}` }))
      trace(`a stranger: ${topic}-${partition} ${copy.toString()}`)
      broker.append({ topic, key: random.chance(0.5) ? key : null, value: copy, headers: [] }, partition)
    },
  }
}
