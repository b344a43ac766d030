/** The names of what must hold, by the sentences with which a simulated world says that it does not. */

export interface Violation {
  /** The invariant's name; undefined: the sentence is nobody's. */
  readonly invariant: string | undefined
  readonly text: string
}

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^a decision threw/, 'no decision throws'],
  [/^fair weather did not drain it/, 'everything drains'],
  [/ is STUCK in fair weather/, 'nothing is STUCK in fair weather'],
  [/ has not ended: /, 'every saga ends'],
  [/, its saga /, 'the saga and its aggregate agree'],
  [/: history is /, 'the history agrees'],
  [/, its charge /, 'money is held for approved orders alone'],
  [/: charged /, 'what is charged is the total'],
  [/ is sold more often than there is/, 'stock is never negative'],
  [/ in stock, /, 'stock is conserved'],
  [/^an order went from |^a quote went from |^a saga (that was|went)/, 'a terminal state never changes'],
  [/ waits for an answer to another command/, 'one command a commit, and it is the one that is waited for'],
  [/^an item of .* has \d+ bytes/, 'items stay within their size'],
  [/ messages for \d+ (orders|quotes)/, 'no unbounded echo'],
  [/ is nonsense and not among the dead letters/, 'nonsense becomes a dead letter'],
  [/ is a dead letter without a reason/, 'only nonsense becomes a dead letter'],
  [/, its policy /, 'a policy is active for a completed quote alone'],
  [/, its count /, 'a quote counts when it is completed'],
  [/ names another policy$/, 'a quote names its policy'],
  [/ is REJECTED for /, 'a quote is rejected for a reason'],
  [/ policies, .* are counted$/, 'customers count what is counted'],
  [/^policy-counts of /, 'policies are counted'],
  [/^the stream of .* has a gap/, 'streams have no gaps'],
  [/^\{"model":/, 'the tables are a fold of the streams'],
]

/** A violation is a sentence, or has its invariant's name with it. */
export function violationOf(wrong: string | { readonly invariant: string; readonly what: string }): Violation {
  if (typeof wrong !== 'string') return { invariant: wrong.invariant, text: wrong.what }
  return { invariant: NAMES.find(([pattern]) => pattern.test(wrong))?.[1], text: wrong }
}
