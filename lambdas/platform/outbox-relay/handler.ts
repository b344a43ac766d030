import { relayHandler } from '#engine/adapters/lambda/stream-handler.ts'
import { type Catalog, relayedOf } from '#engine/catalog/catalog.ts'
import { platformOf } from '../functions.ts'

export const handlerFor = ({ domains }: Pick<Catalog, 'domains'>) =>
  relayHandler(relayedOf({ domains, platform: platformOf(domains) }).map(({ aggregate }) => aggregate))
