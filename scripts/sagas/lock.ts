/**
 * `npm run sagas:lock`: adds to `saga.lock.json` each saga and version that is not in it, and to `contracts.lock.json`
 * each message, and each field of one, that is not in that. One that is there is never
 * changed, unless `-- --rewrite order@1` says that it was never deployed; `-- --remove order@1` takes one out.
 * Both go for a message by its type too (`-- --rewrite PaymentVoidedEvent`).
 * `-- --check` writes nothing, says what is wrong and ends with exit code 1 if anything is; `npm test` does the same.
 */
import { join } from 'node:path'
import { Command } from 'commander'
import { readContractLock, updateContracts, writeContractLock } from './contract-lock.ts'
import { findContractProblems } from './contract-problems.ts'
import { readContracts } from './contracts.ts'
import { readDefinitions } from './definitions.ts'
import { readLock, update, writeLock } from './lock-file.ts'
import { LockError } from './locked.ts'
import { findProblems } from './problems.ts'

const root = join(import.meta.dirname, '../..')
const command = new Command('sagas:lock')
  .description('Locks the definitions of sagas in saga.lock.json, and what messages look like in contracts.lock.json.')
  .option('--check', 'write nothing, and say what is wrong')
  .option('--rewrite <saga@version or message>', 'lock it anew, as it was never deployed; may be repeated', collect, [])
  .option('--remove <saga@version or message>', 'take it out, as nothing of it is left; may be repeated', collect, [])
  .parse()
const { check = false, rewrite, remove } = command.opts<{ check?: boolean; rewrite: string[]; remove: string[] }>()

try {
  const definitions = await readDefinitions(root)
  const contracts = readContracts()
  const [lock, contractLock] = await Promise.all([readLock(root), readContractLock(root)])
  if (check) fail([...findProblems(lock, definitions), ...findContractProblems(contractLock, contracts)])
  else {
    const sagas = { rewrite: rewrite.filter(isSaga), remove: remove.filter(isSaga) }
    const messages = { rewrite: rewrite.filter(id => !isSaga(id)), remove: remove.filter(id => !isSaga(id)) }
    const updated = update(lock, definitions, sagas)
    const updatedContracts = updateContracts(contractLock, contracts, messages)
    const problems = [...updated.problems, ...updatedContracts.problems]
    if (problems.length > 0) fail(problems)
    else {
      await writeLock(root, updated.lock)
      await writeContractLock(root, updatedContracts.contracts)
      const changes = updated.changes.length > 0 ? updated.changes.join(', ') : 'nothing changed'
      process.stdout.write(`saga.lock.json: ${Object.keys(updated.lock).length} definitions, ${changes}\n`)
      if (updatedContracts.changes.length > 0)
        process.stdout.write(
          `contracts.lock.json: ${Object.keys(contracts).length} messages, ${updatedContracts.changes.join(', ')}\n`,
        )
    }
  }
} catch (error) {
  if (!(error instanceof LockError)) throw error
  fail([error.message])
}

/** `order@1`; a message's type has no `@`. */
function isSaga(id: string) {
  return id.includes('@')
}

function fail(problems: readonly string[]) {
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
}

function collect(id: string, before: string[]): string[] {
  return [...before, id]
}
