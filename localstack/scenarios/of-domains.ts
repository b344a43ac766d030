/** What the domains bring to a start: what is played once everything is up, and what a user may try then. */
import type { Chosen } from '../../lambdas/catalog.ts'
import { orderPlays } from './order-plays.ts'
import type { Play } from './play.ts'
import { quotePlays } from './quote-plays.ts'
import { orderExamples, quoteExamples } from './sample-examples.ts'

export const playsFor = (chosen: Chosen): readonly Play[] => [...orderPlays, ...quotePlays(chosen.quoting)]

/** Text for a terminal, by the API's address. */
export const examples: readonly ((url: string) => string)[] = [orderExamples, quoteExamples]
