/**
 * The outbox relay: what came over HTTP is published by the table's change feed. Each change carries the whole item, and
 * the item remembers what its last commit caused, so a change that comes twice or late publishes the same messages again.
 */
import type { AnyAggregate } from '../model/aggregate.ts'
import type { Item, Log, Publisher } from '../model/ports.ts'
import { messageIdOf, unpackItem } from './stored-item.ts'
import { effectsPublisher } from './publish-effects.ts'
import { logPublished } from './message-log.ts'
import type { TopicOf } from './topics.ts'

export function createRelay({
  aggregates,
  publisher,
  topicOf,
  log,
}: {
  aggregates: readonly AnyAggregate[]
  publisher: Publisher
  topicOf: TopicOf
  log: Pick<Log, 'info'>
}) {
  const byTable = new Map(
    aggregates.map(aggregate => [
      aggregate.table.name,
      { aggregate, publishEffects: effectsPublisher({ aggregate, store: noRows, publisher, topicOf }) },
    ]),
  )
  return {
    /** Publishes what one table's changed items caused; resolves when all of it is acknowledged. Throws RetryableError. */
    async relay(table: string, items: readonly Item[]): Promise<void> {
      const known = byTable.get(table)
      if (!known) throw new Error(`nobody relays changes of the table ${table}`)
      const { aggregate, publishEffects } = known
      const effects = items.map(item => {
        const stored = unpackItem<object>(item)
        const key = item[aggregate.table.partition] as string
        const by = aggregate.sentBy?.(stored.state) ?? { type: aggregate.type, key }
        const sent = stored.sent.map(s => ({
          ...s,
          id: messageIdOf(by, by.key, s.version, s.n),
          source: by.type,
          time: stored.committedAt,
          sagaId: aggregate.sagaIdOf?.(stored.state, key) ?? key,
        }))
        return { sent, rows: [] }
      })
      await publishEffects(effects)
      logPublished(
        log,
        effects.flatMap(({ sent }) => sent),
      )
    },
  }
}

const noRows = { writeRows: () => Promise.reject(new Error('a commit over HTTP causes no rows')) }
