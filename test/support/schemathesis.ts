/** Schemathesis, a Python program, in a folder of its own: requests made from an OpenAPI document, and checks of the answers. */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installFromPyPI } from '../../localstack/servers/python.ts'
import { root } from './system.ts'

const run = promisify(execFile)
const folder = join(root, 'test/deep/schemathesis')
/** Its packages' oldest Python. */
const PYTHON_MINOR_MIN = 10
const OUTPUT_MAX = 64 * 1024 * 1024

/** Undefined: there is a Python that can run it. */
export async function whyNoPython(): Promise<string | undefined> {
  const asked = await run('python3', ['--version']).catch(() => undefined)
  const [, minor = '0'] = /^Python 3\.(\d+)/.exec(asked?.stdout ?? '') ?? []
  return Number(minor) >= PYTHON_MINOR_MIN ? undefined : `it needs Python 3.${PYTHON_MINOR_MIN} or newer as python3`
}

export interface Fuzz {
  readonly url: string
  readonly seed: number
  readonly seconds: number
  /** Where it may leave files. */
  readonly cwd: string
  /** What its settings name: `TOKEN` … */
  readonly values: Readonly<Record<string, string>>
}

/** Asks every route of `docs/openapi.yaml`. `said` ends with its findings and how each is asked again. */
export async function fuzzApi({ url, seed, seconds, cwd, values }: Fuzz): Promise<{ code: number; outgoing: string }> {
  const program = join(await installFromPyPI('schemathesis', join(folder, 'requirements.txt')), 'schemathesis')
  // It looks into the environment itself, but not for every setting.
  const template = await readFile(join(folder, 'schemathesis.toml'), 'utf8')
  const settings = join(cwd, 'schemathesis.toml')
  await writeFile(
    settings,
    template.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => valueOf(name, values)),
  )
  const args = ['--config-file', settings, 'run', join(root, 'docs/openapi.yaml')]
  const options = [
    '--url',
    url,
    '--seed',
    String(seed),
    '--max-time',
    String(seconds),
    '--no-color',
    '--warnings',
    'off',
  ]
  return run(program, [...args, ...options], { cwd, maxBuffer: OUTPUT_MAX }).then(
    ({ stdout }) => ({ code: 0, outgoing: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      outgoing: `${error.stdout}\n${error.stderr}`,
    }),
  )
}

function valueOf(name: string, values: Fuzz['values']): string {
  const value = values[name]
  if (value === undefined) throw new Error(`schemathesis.toml names ${name}: give it a value`)
  return value
}
