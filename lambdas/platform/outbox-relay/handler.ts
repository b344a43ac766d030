import { read } from '#shared/adapters/lambda/environment.ts'
import { relayHandler } from '#shared/adapters/lambda/stream-handler.ts'
import { relayedOf } from '#shared/catalog.ts'
import { catalogFor } from '../../catalog.ts'
import { QuotingEnvironment } from '../../quoting.ts'

export const handler = relayHandler(
  relayedOf(catalogFor(read(QuotingEnvironment).QUOTING)).map(({ aggregate }) => aggregate),
)
