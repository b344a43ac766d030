/** The headers of a record that is published, as whoever reads it gets them: memory's way of what Kafka's encoder does. */
import type { Header, OutgoingRecord } from '../model/ports.ts'

/** One by one: those of the record that is passed on, then ours. */
export const headersOf = ({ keptHeaders = [], headers }: Pick<OutgoingRecord, 'keptHeaders' | 'headers'>): Header[] => [
  ...keptHeaders,
  ...Object.entries(headers).map(([name, value]) => ({ name, value: Buffer.from(value) })),
]
