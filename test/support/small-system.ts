import type { Domain } from '#engine/catalog/catalog.ts'
import { streamOrchestrator } from '#engine/event-store/stream-orchestrator.ts'
import type { Quoting } from '../../lambdas/quoting.ts'
import { samplesFor } from '../domains/samples/catalog.ts'
import { createCustomerApi } from '../../lambdas/services/customer/api.ts'
import { createOrderApi } from '../../lambdas/services/order/api.ts'
import { createPolicyApi } from '../../lambdas/services/policy/api.ts'
import { createProductApi } from '../../lambdas/services/product/api.ts'
import { messageOf, quoteEvents, quoteEventStore } from '../../lambdas/services/quote/events.ts'
import { createQuoteApi } from '../../lambdas/services/quote/api.ts'
import { quoteIn } from '../../lambdas/services/quote/wirings.ts'
import { memoryProvider } from '../../localstack/sandbox/memory-provider.ts'
import { memorySystem, type MemorySystemOptions } from './memory-system.ts'

const domain = (name: string, quoting: Quoting = 'orchestration') => {
  const found = samplesFor(quoting).domains.find(domain => domain.name === name)
  if (!found) throw new Error(`the samples have no domain ${name}`)
  return found
}

/** The order domain in one process without any fault. `sagas`: other definitions than its own. */
export function smallSystem(
  options: Pick<MemorySystemOptions, 'orchestrate' | 'sayTo'> & Partial<Pick<Domain, 'sagas'>> = {},
) {
  const provider = memoryProvider()
  const payment = {
    charge: provider.charge.bind(provider),
    cancel: provider.cancel.bind(provider),
    refund: provider.refund.bind(provider),
  }
  return {
    provider,
    ...memorySystem(
      { ...domain('orders'), ...(options.sagas && { sagas: options.sagas }) },
      {
        ...(options.orchestrate && { orchestrate: options.orchestrate }),
        ...(options.sayTo && { sayTo: options.sayTo }),
        apis: [createOrderApi, createProductApi],
        calls: { payment },
      },
    ),
  }
}

/** The quoting domain in one process without any fault. */
export const quotingSystem = (quoting: Quoting, options: Pick<MemorySystemOptions, 'through' | 'sayTo'> = {}) =>
  memorySystem(domain('quoting', quoting), {
    ...options,
    ...(quoting === 'event-sourcing' && {
      orchestrate: (...versions) =>
        streamOrchestrator({ store: quoteEventStore, events: quoteEvents, messageOf }, ...versions),
    }),
    apis: [ports => createQuoteApi({ ...ports, quote: quoteIn(quoting) }), createPolicyApi, createCustomerApi],
  })
