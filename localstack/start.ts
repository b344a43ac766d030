/**
 * `npm start`: everything on this machine, each scenario of `localstack/scenarios`, and then an API to try.
 * `npm start -- --once` ends after the orders, with 0 only if each ended as it should. With `--permissions` each function
 * may do what its policies say, and the first that tries something else ends the run.
 */
import { join } from 'node:path'
import { startRuntime } from './runtime/runtime.ts'
import { readSettings } from './runtime/settings.ts'
import { synthesizeAside } from './runtime/synth.ts'
import { readCloudAssembly } from './runtime/template/cloud-assembly.ts'
import { permissionsOf } from './runtime/template/permissions.ts'
import { CannotStart } from './servers/index.ts'
import { runSession, type Session } from './session.ts'
import { whatToTry } from './what-to-try.ts'

await runSession(() => {
  const once = process.argv.includes('--once')
  const permissions = process.argv.includes('--permissions')
  const unknown = process.argv.slice(2).filter(argument => argument !== '--once' && argument !== '--permissions')
  if (unknown.length > 0)
    throw new CannotStart(`npm start takes --once and --permissions alone, not ${unknown.join(' ')}`)
  const { stateDir, topicPrefix, quoting, ...settings } = readSettings(process.env)

  function start({ folder, say, seconds }: Session) {
    say('synthesizing the CDK app (stage local) …')
    const cdkOut = synthesizeAside({
      stage: 'local',
      outDir: join(folder, 'cdk.out'),
      overrides: { topicPrefix, quoting },
    })
    cdkOut.then(
      () => say(`synthesized after ${seconds()}`),
      () => {},
    )
    return startRuntime({
      ...settings,
      stateDir: folder,
      cdkOut,
      say,
      ...(permissions && { permissions: { granted: cdkOut.then(made => permissionsOf(readCloudAssembly(made))) } }),
      ...(once && { restartsMax: 0 }),
    })
  }

  return { once, quoting, stateDir, whatToTry, start }
})
