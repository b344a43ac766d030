import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Quoting } from '../../lambdas/quoting.ts'
import type { Granted, Use } from '../../localstack/runtime/permissions/uses.ts'
import { type Runtime, startRuntime } from '../../localstack/runtime/runtime.ts'
import { synthesizeAside } from '../../localstack/runtime/synth.ts'
import { readCloudAssembly, type Stack } from '../../localstack/runtime/template/cloud-assembly.ts'
import { permissionsOf } from '../../localstack/runtime/template/permissions.ts'
import { freePort } from '../../localstack/servers/index.ts'

/** The whole system, in which every function and every poller may do what its policies say and nothing else. */
export interface Guarded {
  readonly runtime: Runtime
  readonly stacks: readonly Stack[]
  /** What is enforced. */
  readonly granted: Granted
  readonly uses: readonly Use[]
  /** What the runtime said, for a failure. */
  readonly outgoing: readonly string[]
  stop(): Promise<void>
}

/**
 * In the place of the templates' ten thousand, with which a poller gives up after a day. A consumer waits for what is away for
 * most of an invocation's minute, so that each retry would take as long again.
 */
const RETRIES_MAX = 0

/** `but`: what is enforced in the place of the templates' policies. Throws PermissionDenied if it can't start with that. */
export async function startGuarded(
  quoting: Quoting,
  but: (granted: Granted) => Granted = granted => granted,
): Promise<Guarded> {
  const folder = await mkdtemp(join(tmpdir(), 'recourse-guarded-'))
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  const uses: Use[] = []
  const outgoing: string[] = []
  try {
    const cdkOut = await synthesizeAside({ stage: 'local', outDir: join(folder, 'cdk.out'), overrides: { quoting } })
    await giveUpSoon(cdkOut)
    const stacks = readCloudAssembly(cdkOut)
    const granted = but(permissionsOf(stacks))
    const runtime = await startRuntime({
      port: 0,
      kafkaPort: await freePort(),
      dynamodbPort: await freePort(),
      stateDir: folder,
      sweepSeconds: 1,
      restartsMax: 0,
      cdkOut,
      say: line => outgoing.push(line),
      permissions: { granted, used: use => uses.push(use) },
    })
    const stop = async () => {
      await runtime.stop()
      await remove()
    }
    return { runtime, stacks, granted, uses, outgoing, stop }
  } catch (error) {
    await remove()
    throw error
  }
}

async function giveUpSoon(cdkOut: string) {
  for (const file of globSync('*.template.json', { cwd: cdkOut })) {
    const path = join(cdkOut, file)
    const template = JSON.parse(await readFile(path, 'utf8')) as {
      Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>
    }
    for (const { Type, Properties = {} } of Object.values(template.Resources))
      if (Type === 'AWS::Lambda::EventSourceMapping' && Number(Properties['MaximumRetryAttempts']) > RETRIES_MAX)
        Properties['MaximumRetryAttempts'] = RETRIES_MAX
    await writeFile(path, JSON.stringify(template))
  }
}
