/**
 * `npm run update`: documents, locks and snapshots anew, and what of them changed. A step that fails says why, and the exit
 * code is 1; the others are carried out all the same.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { derived, stepsIn } from './steps.ts'
import { type Contents, whatChanged } from './what-changed.ts'

const root = join(import.meta.dirname, '../..')
const steps = stepsIn(root)
const before = contents()
let failed = 0
for (const { title, args } of steps) {
  process.stderr.write(`${title} …\n`)
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (status === 0) continue
  failed += 1
  process.stderr.write(`${title}: FAILED\n${stdout}${stderr}\n`)
}
const changes = whatChanged(before, contents())
process.stdout.write(`${changes.length > 0 ? changes.join('\n') : 'nothing changed'}\n`)
if (failed > 0) {
  process.stderr.write(`recourse: ${failed} of ${steps.length} steps failed: see above\n`)
  process.exitCode = 1
}

function contents(): Contents {
  const locks = readdirSync(root).filter(name => name.endsWith(derived.ending))
  const inFolders = derived.folders
    .filter(folder => existsSync(join(root, folder)))
    .flatMap(folder =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1)),
    )
  return new Map([...locks, ...inFolders].map(path => [path, readFileSync(join(root, path), 'utf8')]))
}
