/**
 * `npm run sagas:lock`: adds to `saga.lock.json` each saga and version that is not in it. One that is there is never
 * changed, unless `-- --rewrite order@1` says that it was never deployed; `-- --remove order@1` takes one out.
 * `-- --check` writes nothing, says what is wrong and ends with exit code 1 if anything is; `npm test` does the same.
 */
import { join } from 'node:path'
import { Command } from 'commander'
import { readDefinitions } from './definitions.ts'
import { readLock, update, writeLock } from './lock-file.ts'
import { LockError } from './locked.ts'
import { findProblems } from './problems.ts'

const root = join(import.meta.dirname, '../..')
const command = new Command('sagas:lock')
  .description('Locks the definitions of sagas in saga.lock.json.')
  .option('--check', 'write nothing, and say what is wrong')
  .option('--rewrite <saga@version>', 'lock it anew, as it was never deployed; may be repeated', collect, [])
  .option('--remove <saga@version>', 'take it out, as no saga runs it any more; may be repeated', collect, [])
  .parse()
const { check = false, rewrite, remove } = command.opts<{ check?: boolean; rewrite: string[]; remove: string[] }>()

try {
  const definitions = await readDefinitions(root)
  const lock = await readLock(root)
  if (check) fail(findProblems(lock, definitions))
  else {
    const updated = update(lock, definitions, { rewrite, remove })
    if (updated.problems.length > 0) fail(updated.problems)
    else {
      await writeLock(root, updated.lock)
      const changes = updated.changes.length > 0 ? updated.changes.join(', ') : 'nothing changed'
      process.stdout.write(`saga.lock.json: ${Object.keys(updated.lock).length} definitions, ${changes}\n`)
    }
  }
} catch (error) {
  if (!(error instanceof LockError)) throw error
  fail([error.message])
}

function fail(problems: readonly string[]) {
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
}

function collect(id: string, before: string[]): string[] {
  return [...before, id]
}
