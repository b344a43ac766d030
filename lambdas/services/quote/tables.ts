import type { Table } from '#shared/aggregate.ts'

/** Quotes are kept for ever. */
export const quotesTable: Table = { name: 'quotes', partition: 'quoteID' }
