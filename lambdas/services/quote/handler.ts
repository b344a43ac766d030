import { read } from '#shared/adapters/lambda/environment.ts'
import { kafkaHandler } from '#shared/adapters/lambda/kafka-handler.ts'
import { QuotingEnvironment } from '../../quoting.ts'
import { quoteIn } from './wirings.ts'

export const handler = kafkaHandler(quoteIn(read(QuotingEnvironment).QUOTING))
