/** Programs from PyPI, in an environment of their own in the cache folder. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './fetch.ts'
import { CannotStart, run } from './tools.ts'

/**
 * Installs what a file of pinned requirements lists, once for each content of it. Returns the folder of its programs.
 * `name`: of the folder. Throws CannotStart with what Python or pip says.
 */
export async function installFromPyPI(name: string, requirements: string): Promise<string> {
  const wanted = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12)
  const folder = join(cacheFolder(), `${name}-${wanted}`)
  const done = join(folder, 'installed')
  const bin = join(folder, 'bin')
  if (existsSync(done)) return bin
  await rm(folder, { recursive: true, force: true })
  await mustRun('python3', ['-m', 'venv', folder], 'Python 3.10 or newer with venv is needed')
  const pip = ['install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirements]
  await mustRun(join(bin, 'pip'), pip, `${requirements} could not be installed`)
  await writeFile(`${done}.part`, wanted)
  await rename(`${done}.part`, done)
  return bin
}

async function mustRun(command: string, args: readonly string[], otherwise: string): Promise<void> {
  const { code, text } = await run(command, args)
  if (code !== 0) throw new CannotStart(`${otherwise}: ${command} ${args.join(' ')} says ${text.trim() || 'nothing'}`)
}
