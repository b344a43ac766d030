/** The ways to hold the quoting domain together: a stage, and a local run, chooses one (`QUOTING`). */
import * as z from 'zod'

export const quotings = ['orchestration', 'choreography', 'event-sourcing'] as const
export type Quoting = (typeof quotings)[number]

/** What a function that differs by it reads from its environment. */
export const QuotingEnvironment = z.object({ QUOTING: z.enum(quotings) })
