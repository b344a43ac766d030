import { read } from '#engine/adapters/lambda/environment.ts'
import { kafkaHandler } from '#engine/adapters/lambda/kafka-handler.ts'
import { QuotingEnvironment } from '../../quoting.ts'
import { eventTables } from './events.ts'
import { quoteIn } from './wirings.ts'

const { QUOTING } = read(QuotingEnvironment)

export const handler = kafkaHandler(quoteIn(QUOTING), { tables: eventTables(QUOTING) })
