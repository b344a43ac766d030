/** cfn-lint and checkov from PyPI, as `.ci/linters.txt` pins them, in an environment of their own under `.cache`. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installFromPyPI } from '../../localstack/servers/python.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const requirements = join(root, '.ci/linters.txt')

/** Installs them once, in about a minute. Throws what Python or pip says: a linter that can't run is no linter that is silent. */
export const installLinters = () => installFromPyPI('linters', requirements)

const MANY = 64 * 1024 * 1024

/** What cfn-lint finds in the templates: `W3005 … at recourse-dev-api.template.json`. */
export async function cfnLint(bin: string, templates: readonly string[]): Promise<string[]> {
  const found = JSON.parse(await outgoing(join(bin, 'cfn-lint'), ['--format', 'json', ...templates])) as {
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
  const { results, summary } = JSON.parse(await outgoing(join(bin, 'checkov'), args)) as {
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
async function outgoing(command: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(command, args, { maxBuffer: MANY, env: { ...process.env, LOG_LEVEL: 'ERROR' } })).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    if (stdout?.trim().startsWith('{') || stdout?.trim().startsWith('[')) return stdout
    throw new Error(`${command} failed: ${stderr ?? String(error)}`, { cause: error })
  }
}
