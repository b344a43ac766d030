import { kafkaHandler } from '#engine/adapters/lambda/kafka-handler.ts'
import { reservation } from './rules.ts'
import { productsTable } from './tables.ts'

export const handler = kafkaHandler(reservation, { tables: [productsTable] })
