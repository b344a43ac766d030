/** The sample domains as they come, whatever else a user has put into `lambdas/catalog.ts`: what documents say of them is held against this. */
import type { Catalog } from '#engine/catalog/catalog.ts'
import { variablesOf } from '#engine/catalog/choices.ts'
import { choices } from '../../../lambdas/catalog.ts'
import { platformOf } from '../../../lambdas/platform/functions.ts'
import type { Quoting } from '../../../lambdas/quoting.ts'
import { quotingDomain } from '../../../lambdas/sagas/quoting/domain.ts'
import { ordersDomain } from '../../../scripts/cost/orders-in-process.ts'

export function samplesFor(quoting: Quoting): Catalog {
  const domains = [ordersDomain, quotingDomain(quoting)]
  return { domains, platform: platformOf(domains, variablesOf(choices)) }
}
