/**
 * `npm run docs`: writes the documents that derive from the definitions. `npm run docs -- --check` writes nothing, names
 * those that are stale and ends with exit code 1 if there are any; `npm test` does the same.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Documents, DocumentsError, makeDocuments } from './documents.ts'
import { findStale, writeDocuments } from './files.ts'
import { wirings } from './wirings.ts'

const root = join(import.meta.dirname, '../..')
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
const documents = make()
const stale = await findStale(root, documents)

if (process.argv.includes('--check')) {
  for (const why of stale) process.stderr.write(`${why}\n`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  await writeDocuments(root, documents)
  process.stdout.write(`${documents.size} documents in docs/, ${stale.length} changed\n`)
}

function make(): Documents {
  try {
    return makeDocuments(wirings, version)
  } catch (error) {
    if (!(error instanceof DocumentsError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}
