/** What DynamoDB takes in one call, and how patient the store is. */
export const READ_KEYS_MAX = 100
export const STATEMENTS_MAX = 25
export const ROWS_MAX = 25
/** A call costs more than its writes; but the more a transaction touches, the more often it meets another and is tried again in parts. */
export const COMMITS_A_TRANSACTION = 16
const CALLS_AT_ONCE = 16
/** Rounds for what a batch left undone, with a longer pause before each. */
const ROUNDS_MAX = 6
const PAUSE_MS = 20

/** Does `work` for every element, a few at once. Results in order; the first error is thrown. */
export async function mapAtOnce<T, R>(elements: readonly T[], work: (element: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async () => {
    for (let i = next++; i < elements.length; i = next++) results[i] = await work(elements[i] as T)
  }
  await Promise.all(Array.from({ length: Math.min(CALLS_AT_ONCE, elements.length) }, worker))
  return results
}

export function chunked<T>(elements: readonly T[], size: number): T[][] {
  const chunks: T[][] = []
  for (let i = 0; i < elements.length; i += size) chunks.push(elements.slice(i, i + size))
  return chunks
}

/** Repeats `round` with what it left undone, until nothing is left. False if the rounds ran out. */
export async function untilDone<T>(
  first: T,
  round: (left: T) => Promise<T | undefined>,
  sleep: (ms: number) => Promise<void>,
  { pauseFirst = false }: { pauseFirst?: boolean } = {},
): Promise<boolean> {
  let left: T | undefined = first
  for (let i = 0; i < ROUNDS_MAX; i += 1) {
    if (i > 0 || pauseFirst) await sleep(PAUSE_MS * 2 ** i * (0.5 + Math.random() / 2))
    left = await round(left)
    if (left === undefined) return true
  }
  return false
}
