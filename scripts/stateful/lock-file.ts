/** `stateful.lock.json`: what every deployed stage has that must not be replaced, by stage. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StatefulResources } from './resources.ts'

export type StatefulLock = Readonly<Record<string, StatefulResources>>

const FILE = 'stateful.lock.json'

export const readStatefulLock = async (root: string): Promise<StatefulLock> =>
  JSON.parse(await readFile(join(root, FILE), 'utf8')) as StatefulLock

export const writeStatefulLock = (root: string, lock: StatefulLock) =>
  writeFile(join(root, FILE), `${JSON.stringify(lock, undefined, 2)}\n`)

const WHAT_NOW =
  'Keep the path of its construct and these properties; or, if it holds nothing that is needed in any account, take its line out of stateful.lock.json by hand'

/** A sentence for each resource that a deployment would delete or replace, and for each that is not locked yet. */
export function findStatefulProblems(lock: StatefulLock, now: StatefulLock): string[] {
  return [
    ...Object.entries(lock).flatMap(([stage, locked]) =>
      Object.entries(locked).flatMap(([id, line]) => {
        const found = now[stage]?.[id]
        if (found === undefined) return [`${id} (${line}) is gone: a deployment would leave or delete it. ${WHAT_NOW}`]
        return found === line ? [] : [`${id} would be replaced:\n  - ${line}\n  + ${found}\n${WHAT_NOW}`]
      }),
    ),
    ...additionsTo(lock, now).map(id => `${id} is not in ${FILE}: run \`npm run stateful:lock\` and commit it`),
  ]
}

/** What is in the templates and not in the lock. */
export const additionsTo = (lock: StatefulLock, now: StatefulLock): string[] =>
  Object.entries(now).flatMap(([stage, found]) =>
    Object.keys(found).filter(id => !Object.hasOwn(lock[stage] ?? {}, id)),
  )

/** With what is new, and nothing else changed. */
export const withAdditions = (lock: StatefulLock, now: StatefulLock): StatefulLock =>
  Object.fromEntries(
    [...new Set([...Object.keys(lock), ...Object.keys(now)])].map(stage => [
      stage,
      sorted({ ...now[stage], ...lock[stage] }),
    ]),
  )

const sorted = (resources: StatefulResources) =>
  Object.fromEntries(Object.entries(resources).toSorted(([a], [b]) => (a < b ? -1 : 1)))
