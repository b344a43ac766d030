import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import type { WiringAnswer, WiringRequest } from './wiring.ts'

/** Reads the catalog as it is now: a thread has no module from before. */
const { chosen } = workerData as WiringRequest
const { topics, tables, functions } = readCatalog(catalogFor(chosen))
const answer: WiringAnswer = Object.fromEntries([
  ...topics.map(name => [`topic ${name}`, '']),
  ...tables.map(table => [`table ${table.name}`, digest(table)]),
  ...functions.map(fn => [`function ${fn.name}`, digest(fn)]),
])
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(answer)

/** What a body looks like stands in no template of this machine. */
function digest(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && '_zod' in part ? undefined : part,
  )
  return createHash('sha256').update(text).digest('hex')
}
