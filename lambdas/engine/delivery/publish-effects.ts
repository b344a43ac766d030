import type { AnyAggregate } from '../model/aggregate.ts'
import type { OutgoingRecord, Publisher, Row, Store } from '../model/ports.ts'
import { refKey } from './alongside.ts'
import { toRecord } from './to-record.ts'
import type { Effects } from './batch-decision.ts'
import { senderIdOf } from './message-identity.ts'
import type { TopicOf } from './topics.ts'

/**
 * Carries out what commits caused, in the order that loses nothing (rule 6): rows, then messages, acknowledged, and the
 * steps' commands last: a command's reply replaces the commit that remembers the rest.
 */
export function effectsPublisher(settings: {
  aggregate: AnyAggregate
  store: Pick<Store, 'writeRows'>
  publisher: Publisher
  topicOf: TopicOf
}) {
  const { aggregate, store, publisher, topicOf } = settings
  const messages = new Map(aggregate.publishes.map(message => [message.type, message]))

  return async (
    effects: readonly Effects[],
    traceOf: (cause: string) => string | undefined = () => undefined,
  ): Promise<void> => {
    const rows = new Map<string, Row>()
    const first = new Map<string, OutgoingRecord>()
    const last = new Map<string, OutgoingRecord>()
    for (const { sent, rows: caused } of effects) {
      for (const row of caused) rows.set(refKey(row.ref), row)
      for (const s of sent) {
        const message = messages.get(s.type)
        if (!message)
          throw new Error(`${aggregate.type} does not declare that it publishes ${s.type}: list it in \`publishes\``)
        const record = toRecord(
          {
            id: s.id,
            messageType: message,
            body: s.body,
            sagaId: s.sagaId,
            causationId: s.cause === s.id ? undefined : senderIdOf(s.cause) || undefined,
            time: s.time,
            source: s.source ?? aggregate.type,
            traceparent: traceOf(s.cause),
          },
          topicOf(message),
        )
        const stepsCommand = message.kind === 'command' && !aggregate.notices?.has(s.type)
        ;(stepsCommand ? last : first).set(s.id, record)
      }
    }
    if (rows.size > 0) await store.writeRows([...rows.values()])
    if (first.size > 0) await publisher.publish([...first.values()])
    if (last.size > 0) await publisher.publish([...last.values()])
  }
}
