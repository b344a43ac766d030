/** What is committed of each version of each saga's definition: `saga.lock.json`. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { type Definition, type Lock, Locked, LockError } from './locked.ts'
import { changedIn, findProblems, goneFrom } from './problems.ts'

const FILE = 'saga.lock.json'

/** Empty where there is none. Throws a LockError for one that cannot be read. */
export async function readLock(root: string): Promise<Lock> {
  const text = await readFile(join(root, FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return '{}'
  })
  try {
    return z.record(z.string(), Locked).parse(JSON.parse(text))
  } catch (error) {
    throw new LockError(
      `${FILE} cannot be read: take it from git again (git checkout HEAD -- ${FILE})\n${(error as Error).message}`,
    )
  }
}

/** In the order of saga and version, so that two branches that add one each can be merged. */
export async function writeLock(root: string, lock: Lock): Promise<void> {
  const sorted = Object.entries(lock).toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  await writeFile(join(root, FILE), `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`)
}

export interface Updated {
  readonly lock: Lock
  /** For a person: `order@2 added`. */
  readonly changes: readonly string[]
  /** With any, nothing may be written. */
  readonly problems: readonly string[]
}

/** Adds what is new. What is there stays as it is, but for those that `rewrite` and `remove` name. */
export function update(
  lock: Lock,
  definitions: readonly Definition[],
  { rewrite, remove }: { readonly rewrite: readonly string[]; readonly remove: readonly string[] },
): Updated {
  const unknown = [
    ...rewrite
      .filter(id => !definitions.some(definition => definition.id === id))
      .map(id => `--rewrite ${id}: the catalog lists no such saga and version, only ${idsOf(definitions)}`),
    ...remove
      .filter(id => !goneFrom(definitions, lock).includes(id))
      .map(id =>
        lock[id]
          ? `--remove ${id}: the catalog still lists it: take it out of lambdas/catalog.ts and its handler first`
          : `--remove ${id}: ${FILE} has no such saga and version`,
      ),
  ]
  const kept = Object.fromEntries(
    Object.entries(lock).filter(([id]) => !remove.includes(id) && !rewrite.includes(id)),
  ) as Lock
  const added = definitions.filter(({ id }) => !kept[id])
  const next: Lock = { ...kept, ...Object.fromEntries(added.map(({ id, locked }) => [id, locked])) }
  return {
    lock: next,
    changes: [
      ...added.flatMap(({ id, locked }) => {
        const before = lock[id]
        if (!before) return [`${id} added`]
        return changedIn(before, locked) ? [`${id} rewritten`] : []
      }),
      ...remove.map(id => `${id} removed`),
    ],
    problems: [...unknown, ...findProblems(next, definitions)],
  }
}

const idsOf = (definitions: readonly Definition[]) => definitions.map(({ id }) => id).join(', ')
