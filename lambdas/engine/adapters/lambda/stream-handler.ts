/** The outbox relay as a Lambda function: the event of a DynamoDB stream in, partial batch response out. */
import type { AnyAggregate } from '../../model/aggregate.ts'
import { createRelay } from '../../delivery/relay.ts'
import type { Item } from '../../model/ports.ts'
import { jsonLog } from '../node/log.ts'
import { readKafkaEnvironment, tableName } from './environment.ts'
import { publisherOf, topicsOf } from './kafka-handler.ts'
import { allAgain, newImagesOf, type StreamBatchResponse, type StreamEvent } from './stream-event.ts'

export function relayHandler(
  aggregates: readonly AnyAggregate[],
): (event: StreamEvent) => Promise<StreamBatchResponse> {
  const environment = readKafkaEnvironment()
  const log = jsonLog()
  const relay = createRelay({
    aggregates,
    publisher: publisherOf(environment, log),
    topicOf: topicsOf(environment),
    log,
  })
  const tables = new Map(aggregates.map(({ table }) => [tableName(table.name), table.name]))

  return async event => {
    const changes = new Map<string, Item[]>()
    for (const { table: physical, item } of newImagesOf(event)) {
      const table = tables.get(physical)
      if (table === undefined)
        throw new Error(`a change of ${physical || 'an unknown table'} came to the relay, which is not its`)
      changes.set(table, [...(changes.get(table) ?? []), item])
    }
    try {
      for (const [table, items] of changes) await relay.relay(table, items)
      return { batchItemFailures: [] }
    } catch (error) {
      return allAgain(event, error, log)
    }
  }
}
