import { importsIn } from '../imports.ts'

/** What cannot be without `gone`: file by file, what it imports of it, directly or through others. `kept` imports what it likes. */
export function standingOn(
  gone: ReadonlySet<string>,
  texts: ReadonlyMap<string, string>,
  kept: ReadonlySet<string>,
): Map<string, string> {
  const imports = [...texts].filter(([path]) => !gone.has(path) && !kept.has(path))
  const read = new Map(imports.map(([path, text]) => [path, importsIn(path, text)]))
  const found = new Map<string, string>()
  for (let before = -1; before < found.size; ) {
    before = found.size
    for (const [path, imported] of read) {
      const of = found.has(path) ? undefined : imported.find(one => gone.has(one) || found.has(one))
      if (of !== undefined) found.set(path, of)
    }
  }
  return found
}
