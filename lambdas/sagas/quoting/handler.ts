import { sagaHandler } from '#shared/adapters/lambda/saga-handler.ts'
import { quotingSaga } from './saga.ts'

export const handler = sagaHandler(quotingSaga)
