/** The three locks without what only the samples had in them. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

type Entries = Readonly<Record<string, unknown>>
/** By file: what the catalog asks for. Stages have a level of their own in the lock of what holds data. */
export type Asked = Readonly<Record<string, Entries>>

/** In a process of its own: it has the modules as they are now. Throws what is wrong with the catalog. */
export function askedFor(root: string): Asked {
  const program = `
    import { deployedStages } from './lib/config.ts'
    import { readContracts } from './scripts/sagas/contracts.ts'
    import { readDefinitions } from './scripts/sagas/definitions.ts'
    import { statefulIn } from './scripts/stateful/resources.ts'
    import { templatesOf } from './scripts/stateful/templates.ts'
    const definitions = await readDefinitions(process.cwd())
    process.stdout.write(JSON.stringify({
      'saga.lock.json': Object.fromEntries(definitions.map(({ id }) => [id, true])),
      'contracts.lock.json': readContracts(),
      'stateful.lock.json': Object.fromEntries(deployedStages.map(stage => [stage, statefulIn(templatesOf(stage))])),
    }))`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`the catalog can't be read: ${stderr.trim()}`)
  return JSON.parse(stdout) as Asked
}

/** Takes out of each lock what was asked for before and is not now. A sentence for each. */
export const takeOutOfLocks = (root: string, before: Asked, now: Asked): string[] =>
  Object.keys(before).map(file => {
    const path = join(root, file)
    const lock = JSON.parse(readFileSync(path, 'utf8')) as Entries
    const left = without(lock, before[file] ?? {}, now[file] ?? {}, file === 'stateful.lock.json' ? 1 : 0)
    writeFileSync(path, `${JSON.stringify(left, undefined, 2)}\n`)
    return `${file}: ${count(lock) - count(left)} lines out`
  })

/** `levels`: how many stand above the entries. */
export function without(lock: Entries, before: Entries, now: Entries, levels: number): Entries {
  const kept = Object.entries(lock).flatMap(([name, locked]): [string, unknown][] => {
    if (levels > 0)
      return [[name, without(locked as Entries, entriesOf(before, name), entriesOf(now, name), levels - 1)]]
    return name in before && !(name in now) ? [] : [[name, locked]]
  })
  return Object.fromEntries(kept)
}

const entriesOf = (entries: Entries, name: string) => (entries[name] ?? {}) as Entries

const count = (value: Entries) => JSON.stringify(value, undefined, 2).split('\n').length
