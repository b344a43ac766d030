/** The sources of the product, and what each imports, as they are written. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { importsIn } from '../../scripts/imports.ts'

export interface SourceFile {
  /** From the repository's root: `lambdas/engine/model/ports.ts`. */
  readonly path: string
  readonly lines: number
  /** The files of this repository that it imports, types among them. */
  readonly imports: readonly string[]
}

export async function readSources(root: string, folders: readonly string[]): Promise<SourceFile[]> {
  const listed = await Promise.all(
    folders.map(async folder =>
      (await readdir(join(root, folder), { recursive: true })).map(name => join(folder, name)),
    ),
  )
  const paths = listed.flat().filter(path => /\.(ts|mjs)$/.test(path))
  return Promise.all(
    paths.map(async path => {
      const text = await readFile(join(root, path), 'utf8')
      return { path, lines: text.trimEnd().split('\n').length, imports: importsIn(path, text) }
    }),
  )
}

/** Each circle once: files that import each other, on the way back to the first. */
export function circlesIn(files: readonly Pick<SourceFile, 'path' | 'imports'>[]): string[][] {
  const imports = new Map(files.map(file => [file.path, file.imports]))
  const circles: string[][] = []
  const done = new Set<string>()
  const visit = (path: string, way: readonly string[]) => {
    const at = way.indexOf(path)
    if (at >= 0) circles.push([...way.slice(at), path])
    if (at >= 0 || done.has(path)) return
    for (const next of imports.get(path) ?? []) visit(next, [...way, path])
    done.add(path)
  }
  for (const { path } of files) visit(path, [])
  return circles
}
