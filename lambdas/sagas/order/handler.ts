import { sagaHandler } from '#engine/adapters/lambda/saga-handler.ts'
import { orderSaga } from './saga.ts'

export const handler = sagaHandler(orderSaga)
