/** A description as lines that can be read one by one, and compared. Pure. */

/** `step 'pay' › withinSeconds: 60`; what is a list of names stays in one line. */
export function linesOf(value: unknown, path: readonly string[] = []): string[] {
  if (Array.isArray(value) && value.length > 0 && value.every(isNamed))
    return value.flatMap(({ name, ...rest }) => linesOf(rest, [...path.slice(0, -1), `${one(path)} '${name}'`]))
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.entries(value).flatMap(([key, of]) => linesOf(of, [...path, key]))
  return [`${path.join(' › ')}: ${Array.isArray(value) ? value.join(', ') || 'none' : String(value)}`]
}

/** What is only in the first with `-`, only in the second with `+`; what is in both, in the same order, is left out. */
export function changedLines(before: readonly string[], now: readonly string[]): string[] {
  const common = commonLengths(before, now)
  const lines: string[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < now.length) {
    if (i < before.length && j < now.length && before[i] === now[j]) {
      i += 1
      j += 1
    } else if (j === now.length || (i < before.length && (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0)))
      lines.push(`- ${before[i++]}`)
    else lines.push(`+ ${now[j++]}`)
  }
  return lines
}

/** At [i][j]: the length of the longest common part of what begins there. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const lengths = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0))
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      (lengths[i] as number[])[j] =
        a[i] === b[j]
          ? 1 + (lengths[i + 1]?.[j + 1] ?? 0)
          : Math.max(lengths[i + 1]?.[j] ?? 0, lengths[i]?.[j + 1] ?? 0)
  return lengths
}

type Named = { readonly name: string }
const isNamed = (entry: unknown): entry is Named => typeof entry === 'object' && entry !== null && 'name' in entry
/** `steps` → `step` */
const one = (path: readonly string[]) => (path.at(-1) ?? '').replace(/s$/, '')
