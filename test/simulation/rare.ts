/** Faults that are too rare together to be met by chance, put where a rule is needed. */
import type { Case } from './shrink.ts'

/**
 * An event whose trigger is lost is handled with an operator's message, which goes to the dead letters before the event is
 * published; then others claim that the quote is rejected. In event sourcing.
 */
export const EVENT_IS_OWED = {
  seed: 94_727_312,
  sagas: 8,
  late: 90,
  among: [3],
  schedule: 'in-turn',
  only: new Set([
    'claim cmd:q1: QuoteRejected',
    'operator quoting:cmd:q1 v1',
    'feed loses trigger cmd:q1/2 PolicyCreated',
    'away quoting-saga: publish to saga-events cmd:q1',
    'crash after quoting-saga: query quote-events cmd:q1 #2',
    'crash after quoting-saga: query quote-events cmd:q1 #3',
  ]),
} as const satisfies Case
