/**
 * `npm test`: everything but what takes long, which is `--deep`; `--permissions`: of that, least privilege alone; `--fast`:
 * static checks and unit tests, in half a minute. Static checks count one each, tests one each. The last line
 * of the output is the count; the exit code is not zero if anything failed, or if nothing ran.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

interface Count {
  passed: number
  failed: number
  skipped: number
}

const root = join(import.meta.dirname, '..')
const fast = process.argv.includes('--fast')
const running = new Set<ReturnType<typeof spawn>>()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    for (const child of running) child.kill(signal)
    process.exitCode = 130
  })

const total: Count = { passed: 0, failed: 0, skipped: 0 }
/** What failed, a line each: told again at the end, where a reader of the last screen sees it. */
const failures: string[] = []
const add = ({ passed, failed, skipped }: Count) => {
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
}

if (process.argv.includes('--deep')) await whatTakesLong()
else if (process.argv.includes('--permissions')) add(await leastPrivilege())
else await everythingElse()

if (failures.length > 0) process.stdout.write(`\nWhat failed:\n${failures.map(line => `  ${line}\n`).join('')}`)
process.exitCode ||= total.failed > 0 || total.passed === 0 ? 1 : 0
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
process.stdout.write(`${total.passed} passed, ${total.failed} failed${skipped}\n`)

async function whatTakesLong(): Promise<void> {
  // Outages are waiting, and proofs are computing: they are no burden to each other.
  const [outages, proofs] = await Promise.all([
    tests('outages that last', ['outage']),
    tests('proofs: fresh seeds, mutants, fuzzing, linters', ['proof']),
  ])
  add(outages)
  add(proofs)
  add(await tests('the whole system, for long', ['deep']))
  add(await leastPrivilege())
}

function leastPrivilege(): Promise<Count> {
  return tests('least privilege, enforced on the whole system', ['permissions'])
}

async function everythingElse(): Promise<void> {
  // The checks and the first tests share the machine's cores; what a check has to say comes when the tests are silent.
  const checks = [
    check('types', 'tsc', ['-p', '.']),
    check('lint', 'oxlint', ['--type-aware']),
    check('format', 'biome', ['format', '.']),
  ]
  add(
    fast
      ? await tests('unit', ['unit'])
      : await tests('unit, types, infra and simulation', ['unit', 'types', 'infra', 'simulation']),
  )
  for (const { count, complaint } of await Promise.all(checks)) {
    add(count)
    if (complaint) process.stdout.write(complaint)
  }
  if (!fast) {
    add(await tests('integration, on Kafka and DynamoDB Local', ['integration']))
    add(await tests('end to end', ['e2e']))
  }
}

/** A static check. `complaint`: what it said, if it failed. */
async function check(name: string, tool: string, args: string[]): Promise<{ count: Count; complaint?: string }> {
  const since = performance.now()
  const { code, output } = await run(binary(tool), args, 'collect')
  progress(`${name} (${tool}): ${code === 0 ? 'ok' : 'FAILED'}, ${secondsSince(since)} s`)
  if (code === 0) return { count: { passed: 1, failed: 0, skipped: 0 } }
  failures.push(`${name} (${tool})`)
  return {
    count: { passed: 0, failed: 1, skipped: 0 },
    complaint: `── ${name} (${tool}) failed:\n${output.trimEnd()}\n`,
  }
}

/** Some of Vitest's projects in one go. It shows its own progress and failures; the count comes from its report. */
async function tests(title: string, projects: string[]): Promise<Count> {
  const since = performance.now()
  progress(`${title}:`)
  const folder = await mkdtemp(join(tmpdir(), 'recourse-report-'))
  try {
    const report = join(folder, 'report.json')
    // Who has removed the samples may have no tests of a kind yet.
    const args = ['run', '--passWithNoTests', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    for (const project of projects) args.push('--project', project)
    const { code } = await run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], 'show')
    const { failed, ...counted } = await readReport(report)
    // An error outside of any test fails the run with no test to blame; so does a runner that broke before it began.
    if (failed.length === 0 && code !== 0) failed.push(`${title}: an error outside of the tests, see above`)
    failures.push(...failed)
    const count = { ...counted, failed: failed.length }
    progress(`${title}: ${count.passed} passed, ${count.failed} failed, ${secondsSince(since)} s`)
    return count
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Report {
  readonly numPassedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

async function readReport(path: string): Promise<{ passed: number; skipped: number; failed: string[] }> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  // No report: the servers did not start, or the runner broke. That was printed.
  if (text === undefined) return { passed: 0, skipped: 0, failed: [] }
  const report = JSON.parse(text) as Report
  const failed = report.testResults.flatMap(file => {
    const name = relative(root, file.name)
    const tests = file.assertionResults.filter(({ status }) => status === 'failed')
    // A file that cannot be loaded has no tests to fail.
    if (tests.length === 0) return file.status === 'failed' ? [`${name}: ${firstLine(file.message)}`] : []
    return tests.map(test => `${name} > ${test.fullName}: ${firstLine(test.failureMessages[0] ?? '')}`)
  })
  return { passed: report.numPassedTests, skipped: report.numPendingTests + report.numTodoTests, failed }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

function run(command: string, args: string[], output: 'show' | 'collect'): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const shell = process.platform === 'win32' && command.endsWith('.cmd')
    const child = spawn(command, args, {
      cwd: root,
      shell,
      stdio: ['ignore', output === 'show' ? 'inherit' : 'pipe', output === 'show' ? 'inherit' : 'pipe'],
    })
    running.add(child)
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (more: string) => void (text += more))
    child.stderr?.setEncoding('utf8').on('data', (more: string) => void (text += more))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      running.delete(child)
      if (signal) progress(`${args.slice(0, 1).join(' ')} was ended by ${signal}`)
      resolve({ code: code ?? 1, output: text })
    })
  })
}

function binary(tool: string): string {
  return join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${tool}.cmd` : tool)
}

function progress(line: string) {
  process.stdout.write(`── ${line}\n`)
}

function secondsSince(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1)
}
