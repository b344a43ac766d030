import { dynamoDbStore } from '#engine/adapters/dynamodb/store.ts'
import { readKafkaEnvironment } from '#engine/adapters/lambda/environment.ts'
import { physical, publisherOf, topicsOf } from '#engine/adapters/lambda/kafka-handler.ts'
import { systemClock } from '#engine/adapters/node/clock.ts'
import { jsonLog } from '#engine/adapters/node/log.ts'
import { type Catalog, pendingOf, sagaNamesOf } from '#engine/catalog/catalog.ts'
import { createRepublisher } from '#engine/saga/republisher.ts'
import { createSweeper, type FindDead } from '#engine/saga/sweeper.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { deadMessages } from '../dead-letters/dead-letter-item.ts'
import { deadLettersTable } from '../dead-letters/tables.ts'

export function handlerFor(deployed: Pick<Catalog, 'domains'>) {
  const environment = readKafkaEnvironment()
  const declared = pendingOf(deployed)
  const log = jsonLog()
  const ports = {
    store: dynamoDbStore({
      tables: physical([sagasTable, deadLettersTable, ...declared.map(({ aggregate }) => aggregate.table)]),
      log,
    }),
    publisher: publisherOf(environment, log),
    clock: systemClock,
    log,
    topicOf: topicsOf(environment),
  }
  const findDead: FindDead = messages => deadMessages(ports.store, messages)
  const sweeper = createSweeper({ ...ports, findDead, sagas: sagaNamesOf(deployed) })
  const republishers = declared.map(pending => createRepublisher({ ...ports, findDead, pending }))

  return async () => {
    const [woken, ...published] = await Promise.all([sweeper.sweep(), ...republishers.map(one => one.sweep())])
    return { woken, published: published.reduce((sum, count) => sum + count, 0) }
  }
}
