import type { Domain } from '#engine/catalog/catalog.ts'
import { streamOrchestrator } from '#engine/event-store/stream-orchestrator.ts'
import type { Quoting } from '../../../lambdas/quoting.ts'
import { samplesFor } from './catalog.ts'
import { createCustomerApi } from '../../../lambdas/services/customer/api.ts'
import { createOrderApi } from '../../../lambdas/services/order/api.ts'
import { createPolicyApi } from '../../../lambdas/services/policy/api.ts'
import { createProductApi } from '../../../lambdas/services/product/api.ts'
import { messageOf, quoteEvents, quoteEventStore } from '../../../lambdas/services/quote/events.ts'
import { createQuoteApi } from '../../../lambdas/services/quote/api.ts'
import { quoteIn } from '../../../lambdas/services/quote/wirings.ts'
import { type DomainSettings, startDomain } from '#engine/testing'
import { memoryProvider } from '../../../localstack/sandbox/memory-provider.ts'

const domainOf = (name: string, quoting: Quoting = 'orchestration') => {
  const found = samplesFor(quoting).domains.find(domain => domain.name === name)
  if (!found) throw new Error(`the samples have no domain ${name}`)
  return found
}

/** The order domain in one process without any fault. `sagas`: other definitions than the catalog's. */
export function smallSystem({
  sagas,
  ...settings
}: Pick<DomainSettings, 'orchestrate' | 'logOf' | 'keepsDeadLetters'> & Partial<Pick<Domain, 'sagas'>> = {}) {
  const provider = memoryProvider()
  const payment = {
    charge: provider.charge.bind(provider),
    cancel: provider.cancel.bind(provider),
    refund: provider.refund.bind(provider),
  }
  return {
    provider,
    ...startDomain(
      { ...domainOf('orders'), ...(sagas && { sagas }) },
      {
        ...settings,
        apis: [createOrderApi, createProductApi],
        calls: { payment },
      },
    ),
  }
}

/** The quoting domain in one process without any fault. */
export const quotingSystem = (
  quoting: Quoting,
  options: Pick<DomainSettings, 'through' | 'logOf' | 'keepsDeadLetters'> = {},
) =>
  startDomain(domainOf('quoting', quoting), {
    ...options,
    ...(quoting === 'event-sourcing' && {
      orchestrate: (...versions) =>
        streamOrchestrator({ store: quoteEventStore, events: quoteEvents, messageOf }, ...versions),
    }),
    apis: [ports => createQuoteApi({ ...ports, quote: quoteIn(quoting) }), createPolicyApi, createCustomerApi],
  })
