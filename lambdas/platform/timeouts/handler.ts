import { physical, publisherOf, topicsOf } from '#shared/adapters/lambda/kafka-handler.ts'
import { readKafkaEnvironment } from '#shared/adapters/lambda/environment.ts'
import { dynamoDbStore } from '#shared/adapters/dynamodb/store.ts'
import { systemClock } from '#shared/adapters/node/clock.ts'
import { jsonLog } from '#shared/adapters/node/log.ts'
import { createSweeper } from '#shared/saga/sweep.ts'
import { sagasTable } from '#shared/saga/tables.ts'
import { catalog } from '../../catalog.ts'

const environment = readKafkaEnvironment()
const log = jsonLog()
const sweeper = createSweeper({
  sagas: catalog.domains.flatMap(domain => domain.sagas).map(saga => saga.name),
  store: dynamoDbStore({ tables: physical([sagasTable]), log }),
  publisher: publisherOf(environment, log),
  clock: systemClock,
  log,
  topicOf: topicsOf(environment),
})

export const handler = async () => ({ woken: await sweeper.sweep() })
