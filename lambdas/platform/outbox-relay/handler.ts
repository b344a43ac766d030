import { read } from '#engine/adapters/lambda/environment.ts'
import { relayHandler } from '#engine/adapters/lambda/stream-handler.ts'
import { relayedOf } from '#engine/catalog/catalog.ts'
import { catalogFor } from '../../catalog.ts'
import { QuotingEnvironment } from '../../quoting.ts'

export const handler = relayHandler(
  relayedOf(catalogFor(read(QuotingEnvironment).QUOTING)).map(({ aggregate }) => aggregate),
)
