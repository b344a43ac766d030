/** Writes all of it or nothing. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CannotMake } from './names.ts'
import type { Files } from './service-files.ts'

const CATALOG = 'lambdas/catalog.ts'

/** As Biome formats it. Throws CannotMake with what Biome says. */
export function formatted(root: string, path: string, text: string): string {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const args = [biome, 'format', '--vcs-enabled=false', `--stdin-file-path=${path}`]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, input: text, encoding: 'utf8' })
  if (status !== 0) throw new CannotMake(`${path} can't be formatted:\n${stderr}`)
  return stdout
}

/**
 * New files, then the catalog that names them. What goes wrong on the way, or a catalog that can't be read then, takes all
 * of it back, and is thrown.
 */
export function writeAll(root: string, files: Files, catalog: string): void {
  const before = readFileSync(join(root, CATALOG), 'utf8')
  const made: string[] = []
  const folders: string[] = []
  try {
    for (const [path, text] of Object.entries(files)) {
      makeFolder(dirname(join(root, path)), folders)
      // One that has come meanwhile is not ours to write.
      writeFileSync(join(root, path), text, { flag: 'wx' })
      made.push(path)
    }
    replace(join(root, CATALOG), catalog)
    readCatalogAnew(root)
  } catch (error) {
    replace(join(root, CATALOG), before)
    for (const path of made) rmSync(join(root, path))
    for (const folder of folders.toReversed()) rmdirSync(folder)
    throw error
  }
}

function makeFolder(folder: string, made: string[]): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder), made)
  mkdirSync(folder)
  made.push(folder)
}

/** Nobody reads half of it. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

/** In a process of its own, since this one has the modules from before. Throws CannotMake with what is wrong. */
function readCatalogAnew(root: string): void {
  const program = `
    import { readCatalog } from './lambdas/engine/catalog/wiring.ts'
    import { everyChosen } from './lambdas/engine/catalog/choices.ts'
    import { catalogFor, choices } from './lambdas/catalog.ts'
    for (const chosen of everyChosen(choices)) readCatalog(catalogFor(chosen))`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new CannotMake(`nothing was made, as the catalog would not hold together:\n${stderr.trim()}`)
}
