/** The sample domains as they come, whatever else a user has put into `lambdas/catalog.ts`: what documents say of them is held against this. */
import type { Catalog } from '#engine/catalog/catalog.ts'
import { catalogFor, platformOf } from '../../../lambdas/catalog.ts'
import type { Quoting } from '../../../lambdas/quoting.ts'
import { ordersDomain } from '../../../scripts/cost/orders-in-process.ts'

export function samplesFor(quoting: Quoting): Catalog {
  const domains = [ordersDomain, ...catalogFor(quoting).domains.filter(({ name }) => name === 'quoting')]
  return { domains, platform: platformOf(domains) }
}
