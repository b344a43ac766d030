/** What dead letters are asked for by, and there is none of: misspelt, it would be a list of nothing that looks like good news. Pure. */
import type { PoisonReason } from '#engine/delivery/envelope.ts'
import { nearestOf } from '#engine/http/nearest.ts'
import { type HttpProblem, invalidField } from '#engine/http/problem.ts'

const POISON: Readonly<Record<PoisonReason, true>> = {
  TOMBSTONE: true,
  NOT_JSON: true,
  NOT_AN_OBJECT: true,
  NO_TYPE: true,
  UNKNOWN_TYPE: true,
  NO_SAGA_ID: true,
  INVALID: true,
  REFUSED: true,
  RULES_THREW: true,
  TOO_LARGE: true,
}
/** Lambda's own two, and what nobody gave a reason for. */
const REASONS = [...Object.keys(POISON), 'RETRY_ATTEMPTS_EXHAUSTED', 'MAXIMUM_RECORD_AGE_EXCEEDED', 'NOT_SAID']

/** For a topic of which nothing was found: undefined if it is one of the deployment's. One that is gone may have letters yet. */
export const unknownTopic = (topic: string | undefined, topics: readonly string[]): HttpProblem | undefined =>
  topic === undefined || topics.includes(topic) ? undefined : unknown('topic', topic, topics)

/** Others give reasons of their own, so one that nobody knows is wrong only if nothing was found, or if it is nearly a known one. */
export function unknownReason(reason: string | undefined, found: boolean): HttpProblem | undefined {
  if (reason === undefined || found || REASONS.includes(reason)) return undefined
  return unknown('only.reason', reason, REASONS)
}

function unknown(field: string, given: string, known: readonly string[]): HttpProblem {
  const nearest = nearestOf(given, known)
  const instead = nearest === undefined ? `known here: ${known.join(', ')}` : `did you mean ${nearest}?`
  return invalidField(field, `is none that there is; ${instead}`)
}
