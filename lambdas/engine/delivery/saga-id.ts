/** What may be the id of a saga, or of what a message is about. Pure. */
import { hasAtMost } from '../model/text.ts'

/** Characters of a saga's and an aggregate's id: what we publish of them later has no longer ones. */
export const ID_LENGTH_MAX = 256

/** Why a text can't be a saga's id; undefined: it can. Every saga is shown and retried by an address with its id in it. */
export function whyNoSagaId(id: string): string | undefined {
  if (!hasAtMost(id, ID_LENGTH_MAX)) return `is longer than ${ID_LENGTH_MAX} characters`
  // Whoever asks for an address takes these two for "here" and "one up", also where they are percent-encoded.
  if (id === '.' || id === '..') return 'is . or .., which no address can hold: choose another'
  return undefined
}
