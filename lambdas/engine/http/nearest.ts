/** The known name that a misspelt one was probably meant to be; undefined where none is near. Pure. */
export function nearestOf(name: string, known: readonly string[]): string | undefined {
  const outgoing = plain(name.slice(0, NAME_MAX))
  const near = known
    .map(candidate => ({ candidate, far: distance(outgoing, plain(candidate)) }))
    .filter(({ candidate, far }) => far <= Math.max(1, Math.floor(Math.min(outgoing.length, candidate.length) / 3)))
    .sort((a, b) => a.far - b.far)
  return near[0]?.candidate
}

/** Characters that are compared: a name of ours is shorter, and what is far longer is near to none. */
const NAME_MAX = 64

/** `product_id`, `ProductID` and `productId` are one name to whoever types them. */
const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** Letters to put in, take out, exchange or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const other = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + other,
        swapped ? (before[j - 2] ?? 0) + 1 : Number.MAX_SAFE_INTEGER,
      )
    }
    ;[before, last] = [last, row]
  }
  return last[b.length] ?? 0
}
