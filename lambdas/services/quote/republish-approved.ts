/**
 * Quotes that are APPROVED for long. In choreography nobody else keeps time: their approval is published again under its own
 * id, so that whoever did not act on it does, and past its deadline the quote rejects itself when it handles that. Where
 * there is a saga it keeps time, so only a quote without one is seen to: its change was lost by the feed.
 */
import type { FirstMessage, Republish } from '#engine/saga/republish.ts'
import { DEADLINE_MS } from './choreographed.ts'
import { QuoteApproved } from './contract.ts'
import { type Quote, REMIND_AFTER_MS, remindPartition } from './rules.ts'
import { byReminder, REMIND_SHARDS } from './tables.ts'

export const republishQuotes: Republish = {
  while: { status: 'APPROVED' },
  index: {
    index: byReminder,
    partitions: Array.from({ length: REMIND_SHARDS }, (_, shard) => remindPartition(shard)),
    since: ms => ms + REMIND_AFTER_MS,
  },
  first: ({ key, state }) => approvalOf(key, state as Quote),
  withoutSaga: { afterMs: REMIND_AFTER_MS, endsAfterMs: DEADLINE_MS, isDue: isTime },
}

/** The approval once more, byte for byte. */
function approvalOf(quoteID: string, { approvedAt, approvalId, premium, customerId }: Quote): FirstMessage | undefined {
  if (approvedAt === undefined || approvalId === undefined) return undefined
  const body = { quoteID, premium, customerId }
  return { id: approvalId, message: QuoteApproved, body, time: Date.parse(approvedAt) }
}

/** In the minutes 1, 2, 4, 8 … of its age, and always past the deadline: an outage must not be answered with a flood. */
export function isTime(ageMs: number): boolean {
  if (ageMs < REMIND_AFTER_MS) return false
  if (ageMs >= DEADLINE_MS) return true
  const last = 2 ** Math.floor(Math.log2(ageMs / REMIND_AFTER_MS)) * REMIND_AFTER_MS
  return ageMs < last + REMIND_AFTER_MS
}
