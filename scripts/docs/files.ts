/** The documents on disk. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Documents } from './documents.ts'

/** Folders that hold nothing else. */
const OURS = ['docs/asyncapi', 'docs/diagrams']

/** A sentence for each document that differs from what the definitions give, is missing, or is not made any more. */
export async function findStale(root: string, documents: Documents): Promise<string[]> {
  const compared = await Promise.all(
    [...documents].map(async ([path, text]) => {
      const committed = await readFile(join(root, path), 'utf8').catch(unlessMissing)
      if (committed === undefined) return [`${path} is missing: run \`npm run docs\` and commit it`]
      // A checkout on Windows may have other line ends.
      return committed.replaceAll('\r\n', '\n') === text
        ? []
        : [`${path} is stale, the definitions have changed: run \`npm run docs\` and commit it`]
    }),
  )
  const left = (await listOthers(root, documents)).map(
    path => `${path} is not made any more: run \`npm run docs\`, which deletes it, and commit that`,
  )
  return [...compared.flat(), ...left]
}

/** Writes them all, and deletes what is not made any more. */
export async function writeDocuments(root: string, documents: Documents): Promise<void> {
  for (const path of await listOthers(root, documents)) await rm(join(root, path))
  for (const [path, text] of documents) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}

async function listOthers(root: string, documents: Documents): Promise<string[]> {
  const listed = await Promise.all(
    OURS.map(async folder => {
      const names = (await readdir(join(root, folder)).catch(unlessMissing)) ?? []
      return names.map(name => `${folder}/${name}`)
    }),
  )
  return listed.flat().filter(path => !documents.has(path))
}

function unlessMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  return undefined
}
