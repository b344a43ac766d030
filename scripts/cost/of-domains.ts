/** What one saga of a domain uses, counted; without it a stage's cost at rest is all that is told. */
import { usageOfAnOrder } from './usage-of-an-order.ts'
import type { Usage } from './usage.ts'

export const usageOfDomains: (() => Promise<Usage>)[] = [usageOfAnOrder]
