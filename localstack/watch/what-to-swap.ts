/** What a change of some files asks for. Pure. */

export interface Swaps {
  /** Functions whose bundles hold a file that changed, or whose last bundling failed. */
  readonly rebuild: readonly string[]
  /** Files that stand in templates or in this very program: a running one can't follow. */
  readonly restart: readonly string[]
  /** Files that are in no function. */
  readonly unused: readonly string[]
}

/** Infrastructure and the local runtime. */
const RESTARTS_FOLDER = /^(bin|lib|localstack)\//
/** What templates are read off: the catalog, and what lies beside it. */
const RESTARTS_FILE = /^lambdas\/[^/]+\.ts$/
const SOURCE = /(^|\/)[^.][^/]*\.(ts|mjs|cjs|json)$/

/** Editors put files of their own beside those that they write. */
export const isSource = (file: string) => SOURCE.test(file)

/** `changed`: from the repository's root. `inputs`: the files of each function. `failed`: functions that still wait for a bundle. */
export function whatToSwap(
  changed: readonly string[],
  inputs: ReadonlyMap<string, ReadonlySet<string>>,
  failed: ReadonlySet<string> = new Set(),
): Swaps {
  const sources = changed.filter(isSource)
  const restart = sources.filter(file => RESTARTS_FILE.test(file) || RESTARTS_FOLDER.test(file))
  const code = sources.filter(file => !restart.includes(file))
  const holds = (files: ReadonlySet<string>) => code.some(file => files.has(file))
  return {
    rebuild: [...inputs].flatMap(([name, files]) =>
      holds(files) || (failed.has(name) && code.length > 0) ? [name] : [],
    ),
    restart,
    unused: code.filter(file => ![...inputs.values()].some(files => files.has(file))),
  }
}

/** Those first whose own folder holds what changed: whoever changed it waits for them. The others only import it. */
export function inWaves(
  names: readonly string[],
  entries: ReadonlyMap<string, string>,
  changed: readonly string[],
): string[][] {
  const folders = new Set(changed.map(folderOf))
  const isOwn = (name: string) => folders.has(folderOf(entries.get(name) ?? ''))
  return [names.filter(isOwn), names.filter(name => !isOwn(name))].filter(wave => wave.length > 0)
}

const folderOf = (file: string) => file.slice(0, file.lastIndexOf('/'))

/** What differs between two readings of the catalog, by name: `topic orders-events`, `function order`. */
export const whatDiffers = (
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(name => before[name] !== now[name]).toSorted()
