/** Files that derive from others, before and after they were made again. Pure. */

/** Content by path. */
export type Contents = ReadonlyMap<string, string>

/** `changed docs/a.md`, `new docs/b.md`, `removed docs/c.md`, by path. */
export const whatChanged = (before: Contents, after: Contents): string[] =>
  [...new Set([...before.keys(), ...after.keys()])]
    .toSorted()
    .filter(path => before.get(path) !== after.get(path))
    .map(path => `${before.has(path) ? (after.has(path) ? 'changed' : 'removed') : 'new'} ${path}`)
