import { read } from '#engine/adapters/lambda/environment.ts'
import { kafkaHandler } from '#engine/adapters/lambda/kafka-handler.ts'
import { QuotingEnvironment } from '../../quoting.ts'
import { eventTables } from '../quote/events.ts'
import { customersTable } from './tables.ts'
import { customerIn } from './wirings.ts'

const { QUOTING } = read(QuotingEnvironment)

export const handler = kafkaHandler(customerIn(QUOTING), { tables: [customersTable, ...eventTables(QUOTING)] })
