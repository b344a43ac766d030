/** What is committed of each message: `contracts.lock.json`. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { findContractProblems, isAsLocked } from './contract-problems.ts'
import { type Contracts, LockedMessage } from './contracts.ts'
import { LockError } from './locked.ts'

const FILE = 'contracts.lock.json'

/** Empty where there is none. Throws a LockError for one that cannot be read. */
export async function readContractLock(root: string): Promise<Contracts> {
  const text = await readFile(join(root, FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return '{}'
  })
  try {
    return z.record(z.string(), LockedMessage).parse(JSON.parse(text))
  } catch (error) {
    throw new LockError(
      `${FILE} cannot be read: take it from git again (git checkout HEAD -- ${FILE})\n${(error as Error).message}`,
    )
  }
}

/** In the order of types, so that two branches that add one each can be merged. */
export async function writeContractLock(root: string, contracts: Contracts): Promise<void> {
  const sorted = Object.entries(contracts).toSorted(([a], [b]) => (a < b ? -1 : 1))
  await writeFile(join(root, FILE), `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`)
}

/** Adds what is new, a message or more of one. Nothing is narrowed or taken out but what `rewrite` and `remove` name. */
export function updateContracts(
  locked: Contracts,
  now: Contracts,
  { rewrite, remove }: { readonly rewrite: readonly string[]; readonly remove: readonly string[] },
): { readonly contracts: Contracts; readonly changes: readonly string[]; readonly problems: readonly string[] } {
  const unknown = [
    ...rewrite.filter(type => !now[type]).map(type => `--rewrite ${type}: no catalog knows such a message`),
    ...remove
      .filter(type => now[type] || !locked[type])
      .map(type =>
        now[type]
          ? `--remove ${type}: the catalog still knows it: take it out of its services and sagas first`
          : `--remove ${type}: ${FILE} has no such message`,
      ),
  ]
  const kept = Object.fromEntries(Object.entries(locked).filter(([type]) => ![...rewrite, ...remove].includes(type)))
  const types = Object.keys(now)
  const added = types.filter(type => !locked[type])
  const changed = types.filter(type => {
    const [before, after] = [locked[type], now[type]]
    return before && after && !isAsLocked(before, after)
  })
  return {
    contracts: { ...kept, ...now },
    changes: [
      ...(added.length > 0 ? [`${added.length} ${added.length === 1 ? 'message' : 'messages'} added`] : []),
      ...changed.map(type => `${type} ${rewrite.includes(type) ? 'rewritten' : 'extended'}`),
      ...remove.map(type => `${type} removed`),
    ],
    problems: [...unknown, ...findContractProblems({ ...now, ...kept }, now)],
  }
}
