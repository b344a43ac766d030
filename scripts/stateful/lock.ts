/**
 * `npm run stateful:lock`: adds to `stateful.lock.json` what holds data in each deployed stage and is not in it. What is
 * there is never changed or taken out: that is done by hand, by who knows that it holds nothing in any account.
 */
import { join } from 'node:path'
import { deployedStages } from '../../lib/config.ts'
import { additionsTo, readStatefulLock, withAdditions, writeStatefulLock } from './lock-file.ts'
import { statefulIn } from './resources.ts'
import { templatesOf } from './templates.ts'

const root = join(import.meta.dirname, '../..')
const now = Object.fromEntries(deployedStages.map(stage => [stage, statefulIn(templatesOf(stage))]))
const lock = await readStatefulLock(root)
const added = additionsTo(lock, now)
await writeStatefulLock(root, withAdditions(lock, now))
process.stdout.write(`stateful.lock.json: ${added.length > 0 ? `added ${added.join(', ')}` : 'nothing new'}\n`)
