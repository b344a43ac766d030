import { dynamoDbStore } from '#engine/adapters/dynamodb/store.ts'
import { read, readKafkaEnvironment } from '#engine/adapters/lambda/environment.ts'
import { physical, publisherOf, topicsOf } from '#engine/adapters/lambda/kafka-handler.ts'
import { systemClock } from '#engine/adapters/node/clock.ts'
import { jsonLog } from '#engine/adapters/node/log.ts'
import { sagaNamesOf } from '#engine/catalog/catalog.ts'
import { createSweeper, type FindDead } from '#engine/saga/sweeper.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { servicesAndSagasFor } from '../../catalog.ts'
import { QuotingEnvironment } from '../../quoting.ts'
import { orderSaga } from '../../sagas/order/saga.ts'
import { quotingSaga } from '../../sagas/quoting/saga.ts'
import { ordersTable } from '../../services/order/tables.ts'
import { createPendingSweeper } from '../../services/order/republish-pending.ts'
import { createReminder } from '../../services/quote/republish-approved.ts'
import { quotesTable } from '../../services/quote/tables.ts'
import { deadMessages } from '../dead-letters/dead-letter-item.ts'
import { deadLettersTable } from '../dead-letters/tables.ts'

const environment = readKafkaEnvironment()
const { QUOTING } = read(QuotingEnvironment)
const log = jsonLog()
const ports = {
  store: dynamoDbStore({ tables: physical([sagasTable, ordersTable, quotesTable, deadLettersTable]), log }),
  publisher: publisherOf(environment, log),
  clock: systemClock,
  log,
  topicOf: topicsOf(environment),
}
const findDead: FindDead = messages => deadMessages(ports.store, messages)
const sweeper = createSweeper({ ...ports, sagas: sagaNamesOf(servicesAndSagasFor(QUOTING)) })
const pendingOrders = createPendingSweeper({ ...ports, findDead, saga: orderSaga.name })
const reminder = createReminder({ ...ports, findDead, quoting: QUOTING, saga: quotingSaga.name })

export const handler = async () => {
  const [woken, published, reminded] = await Promise.all([sweeper.sweep(), pendingOrders.sweep(), reminder.remind()])
  return { woken, published, reminded }
}
