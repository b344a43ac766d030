import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { type Bundle, bundle } from '../../lib/bundling/bundle.ts'
import { synthesize } from '../../lib/synth.ts'
import { readCloudAssembly } from '../../localstack/runtime/template/cloud-assembly.ts'
import type { FunctionPlan } from '../../localstack/runtime/template/plan-types.ts'
import { planOf } from '../../localstack/runtime/template/plan.ts'

const KB = 1000
const run = promisify(execFile)
const { functions } = readCatalog(catalogFor({ quoting: 'orchestration' }))
const outDir = mkdtempSync(join(tmpdir(), 'recourse-bundles-'))
afterAll(() => rmSync(outDir, { recursive: true, force: true }))

let bundles: ReadonlyMap<string, Bundle>
let planned: ReadonlyMap<string, FunctionPlan>
beforeAll(async () => {
  const assembly = await synthesize('local', outDir)
  bundles = new Map(assembly.bundles.map(bundle => [bundle.name, bundle]))
  planned = new Map(planOf(readCloudAssembly(assembly.directory)).functions.map(plan => [plan.name, plan]))
})

const mostOf = ({ kind }: Pick<(typeof functions)[number], 'kind'>) => (kind !== 'http' ? 700 : 410)
/** What is not a definition: a catalog may grow for as long as its users have something to add, and what carries it may not. */
const carrying = ({ bytes, modules }: Bundle) =>
  modules
    .filter(({ path }) => /^lambdas\/(services|sagas)\//.test(path))
    .reduce((rest, module) => rest - module.bytes, bytes)

describe('bundles', () => {
  it.each(functions.map(fn => [fn.name, mostOf(fn)] as const))(
    '%s has at most %d KB beside services and sagas',
    (name, most) => {
      const found = bundles.get(name)
      expect(found && carrying(found)).toBeLessThanOrEqual(most * KB)
    },
  )

  it.each(functions.map(({ name }) => name))(
    '%s starts with the environment that its stack gives it, and no other',
    async name => {
      const { folder, environment } = planned.get(name) ?? {}
      const program = `const { handler } = await import(${JSON.stringify(`file://${folder}/index.mjs`)}); console.log(typeof handler); process.exit(0)`
      const lambda = { AWS_REGION: 'eu-west-1', AWS_LAMBDA_FUNCTION_NAME: name }
      const started = run(process.execPath, ['--input-type=module', '-e', program], {
        env: { ...environment, ...lambda },
      })
      // A stack trace of a bundle holds the bundle: the line that names the error is enough.
      const outgoing = await started.catch(({ stderr }: { stderr: string }) => ({
        stdout: /^\w*Error.*$/m.exec(stderr)?.[0] ?? stderr,
      }))
      expect(outgoing.stdout).toBe('function\n')
    },
  )

  it('hold nothing that a function never runs', () => {
    const paths = [...bundles.values()].flatMap(({ modules }) => modules.map(({ path }) => path))
    expect(
      paths.filter(path =>
        /node_modules\/(aws-cdk-lib|@aws-sdk\/(client-sts|credential-provider-(ini|sso|node)))\//.test(path),
      ),
    ).toEqual([])
    expect(
      paths.filter(path => /^(lib\/(?!bundling\/)|localstack|test|lambdas\/engine\/testing)\//.test(path)),
    ).toEqual([])
  })

  it('have the way to prove who they are that their Kafka asks for, and not the other', async () => {
    const without = (made: Iterable<Bundle>, path: string) =>
      [...made].filter(({ modules }) => !modules.some(module => module.path.includes(path))).map(({ name }) => name)
    const speaking = functions.filter(({ kind }) => kind !== 'http')
    const names = speaking.map(({ name }) => name)
    const iam = names.flatMap(name => bundles.get(name) ?? [])
    expect(without(iam, '@aws-sdk/client-secrets-manager/')).toEqual(names)
    expect(without(iam, 'aws-msk-iam-sasl-signer-js/')).toEqual([])
    const plain = await bundle(speaking, { auth: 'plain', outDir: join(outDir, 'plain') })
    expect(without(plain, '@aws-sdk/client-secrets-manager/')).toEqual([])
    expect(without(plain, 'aws-msk-iam-sasl-signer-js/')).toEqual(names)
    for (const made of plain) expect(carrying(made)).toBeLessThanOrEqual(700 * KB)
  })

  it('keep the kafkajs out of functions that do not talk to Kafka', () => {
    for (const { name } of functions.filter(({ kind }) => kind === 'http'))
      expect(bundles.get(name)?.modules.filter(({ path }) => path.includes('kafkajs'))).toEqual([])
  })

  it('keep the names of errors, by which logs are searched', async () => {
    const { readFile } = await import('node:fs/promises')
    for (const { name } of functions.filter(({ kind }) => kind === 'consumer')) {
      const code = await readFile(join(bundles.get(name)?.folder ?? '', 'index.mjs'), 'utf8')
      expect(code).toContain('"RetryableError"')
    }
  })
})
