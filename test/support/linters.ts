/** cfn-lint and checkov from PyPI, as `.ci/linters.txt` pins them, in an environment of their own under `.cache`. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const requirements = join(root, '.ci/linters.txt')

/** Installs them once, in about a minute. Throws what Python or pip says: a linter that can't run is no linter that is silent. */
export async function installLinters(): Promise<{ bin: string }> {
  const wanted = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12)
  const folder = join(root, '.cache', `linters-${wanted}`)
  const done = join(folder, 'installed')
  if (!existsSync(done)) {
    await rm(folder, { recursive: true, force: true })
    await run('python3', ['-m', 'venv', folder])
    const pip = [
      join(folder, 'bin/pip'),
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '-r',
      requirements,
    ]
    await run(pip[0] as string, pip.slice(1), { maxBuffer: MANY })
    await writeFile(`${done}.part`, wanted)
    await rename(`${done}.part`, done)
  }
  return { bin: join(folder, 'bin') }
}

const MANY = 64 * 1024 * 1024

/** What cfn-lint finds in the templates: `W3005 … at recourse-dev-api.template.json`. */
export async function cfnLint(bin: string, templates: readonly string[]): Promise<string[]> {
  const found = JSON.parse(await said(join(bin, 'cfn-lint'), ['--format', 'json', ...templates])) as {
    Rule: { Id: string }
    Message: string
    Filename: string
  }[]
  return found.map(({ Rule, Message, Filename }) => `${Rule.Id} ${Message} at ${Filename}`)
}

/** What checkov finds in a folder of templates, and how many rules it tried. It asks nobody: rules come with it. */
export async function checkov(
  bin: string,
  folder: string,
): Promise<{ failed: string[]; passed: number; skipped: number }> {
  const args = ['-d', folder, '--framework', 'cloudformation', '--compact', '--quiet', '-o', 'json', '--skip-download']
  const { results, summary } = JSON.parse(await said(join(bin, 'checkov'), args)) as {
    results: { failed_checks: { check_id: string; check_name: string; resource: string; file_path: string }[] }
    summary: { passed: number; skipped: number; parsing_errors: number }
  }
  if (summary.parsing_errors > 0) throw new Error(`checkov could not read ${summary.parsing_errors} templates`)
  return {
    failed: results.failed_checks.map(one => `${one.check_id} ${one.check_name}: ${one.resource} in ${one.file_path}`),
    passed: summary.passed,
    skipped: summary.skipped,
  }
}

/** Both end with a code that is not 0 when they find something: what they print says what. */
async function said(command: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(command, args, { maxBuffer: MANY, env: { ...process.env, LOG_LEVEL: 'ERROR' } })).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    if (stdout?.trim().startsWith('{') || stdout?.trim().startsWith('[')) return stdout
    throw new Error(`${command} failed: ${stderr ?? String(error)}`, { cause: error })
  }
}
