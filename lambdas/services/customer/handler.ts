import { read } from '#shared/adapters/lambda/environment.ts'
import { kafkaHandler } from '#shared/adapters/lambda/kafka-handler.ts'
import { QuotingEnvironment } from '../../quoting.ts'
import { customersTable } from './tables.ts'
import { customerIn } from './wirings.ts'

export const handler = kafkaHandler(customerIn(read(QuotingEnvironment).QUOTING), { tables: [customersTable] })
