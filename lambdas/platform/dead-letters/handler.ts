import { dynamoDbStore } from '#engine/adapters/dynamodb/store.ts'
import { readKafkaEnvironment } from '#engine/adapters/lambda/environment.ts'
import { type KafkaEvent, recordsOf } from '#engine/adapters/lambda/kafka-event.ts'
import { type KafkaBatchResponse, physical, publisherOf } from '#engine/adapters/lambda/kafka-handler.ts'
import {
  allAgain,
  newImagesOf,
  type StreamBatchResponse,
  type StreamEvent,
} from '#engine/adapters/lambda/stream-event.ts'
import { systemClock } from '#engine/adapters/node/clock.ts'
import { jsonLog } from '#engine/adapters/node/log.ts'
import type { Catalog } from '#engine/catalog/catalog.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { consumersTable } from '#engine/delivery/failure-entry.ts'
import { platformOf } from '../functions.ts'
import { createIndexer } from './indexer.ts'
import { createRedriver } from './redriver.ts'
import { deadLettersTable } from './tables.ts'

/** Dead letters come from their topics, decisions to redrive from the table's change feed. */
export function handlerFor({ domains }: Pick<Catalog, 'domains'>) {
  const environment = readKafkaEnvironment()
  const log = jsonLog()
  const store = dynamoDbStore({ tables: physical([deadLettersTable, consumersTable]), log })
  const { messages } = readCatalog({ domains, platform: platformOf(domains) })
  const index = createIndexer({ store, clock: systemClock, log }, [
    ...new Set(messages.map(({ message }) => message.sagaField)),
  ])
  const redrive = createRedriver({ store, publisher: publisherOf(environment, log), log })

  return async (event: KafkaEvent | StreamEvent): Promise<KafkaBatchResponse | StreamBatchResponse> => {
    if (!('Records' in event)) await index(recordsOf(event, environment.TOPIC_PREFIX))
    else {
      try {
        await redrive(newImagesOf(event).map(({ item }) => item))
      } catch (error) {
        return allAgain(event, error, log)
      }
    }
    return { batchItemFailures: [] }
  }
}
