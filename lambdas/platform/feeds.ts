import type { Aggregate } from '#shared/aggregate.ts'
import { order } from '../services/order/rules.ts'

/** The aggregates that are changed over HTTP: the change feeds of their tables are published by the outbox relay. */
export const feeds: readonly Aggregate<never>[] = [order]
