import { kafkaHandler } from '#shared/adapters/lambda/kafka-handler.ts'
import { customerUpdate } from './rules.ts'
import { customersTable } from './tables.ts'

export const handler = kafkaHandler(customerUpdate, { tables: [customersTable] })
