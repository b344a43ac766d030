import { kafkaHandler } from '#engine/adapters/lambda/kafka-handler.ts'
import { order } from './rules.ts'

export const handler = kafkaHandler(order)
