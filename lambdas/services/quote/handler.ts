import { kafkaHandler } from '#shared/adapters/lambda/kafka-handler.ts'
import { quote } from './rules.ts'

export const handler = kafkaHandler(quote)
