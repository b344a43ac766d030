import { relayHandler } from '#shared/adapters/lambda/stream-handler.ts'
import { feeds } from '../feeds.ts'

export const handler = relayHandler(feeds)
