/**
 * `npm start`: everything on this machine, each scenario of `localstack/scenarios`, and then an API to try.
 * `npm start -- --help` says what else it does; `--once` ends after the orders, `--watch` follows changes of the code.
 */
import { join } from 'node:path'
import { CommanderError } from 'commander'
import { chosenIn } from '#engine/catalog/choices.ts'
import { choices } from '../lambdas/catalog.ts'
import { startRuntime } from './runtime/runtime.ts'
import { readSettings } from './runtime/settings.ts'
import { synthesizeWithBundles } from './runtime/synth.ts'
import { readCloudAssembly } from './runtime/template/cloud-assembly.ts'
import { permissionsOf } from './runtime/template/permissions.ts'
import { runSession, type Session } from './session.ts'
import { readStartOptions, type StartOptions } from './start-options.ts'
import { whatToTry } from './what-to-try.ts'

const options = optionsOrEnd()
if (options) await start(options)

/** Undefined: all is said, and this process ends by itself. */
function optionsOrEnd(): StartOptions | undefined {
  try {
    return readStartOptions(process.argv.slice(2), {
      out: text => process.stdout.write(text),
      err: text => process.stderr.write(text),
    })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    process.exitCode = error.exitCode
    return undefined
  }
}

async function start({ once, watch, demo, permissions }: StartOptions): Promise<void> {
  await runSession(() => {
    const { stateDir, topicPrefix, ...settings } = readSettings(process.env)
    const chosen = chosenIn(choices, settings)

    async function startAll({ folder, say, seconds }: Session) {
      say('synthesizing the CDK app (stage local) …')
      const synthesized = synthesizeWithBundles({
        stage: 'local',
        outDir: join(folder, 'cdk.out'),
        overrides: { topicPrefix, ...chosen },
        readable: true,
      })
      const cdkOut = synthesized.then(({ directory }) => directory)
      cdkOut.then(
        () => say(`synthesized after ${seconds()}`),
        () => {},
      )
      // What it needs is loaded for those who want it.
      const watching = watch
        ? (await import('./watch/watch.ts')).startWatch({ chosen, folder, say, synthesized })
        : undefined
      const runtime = await startRuntime({
        ...settings,
        stateDir: folder,
        cdkOut,
        say,
        ...(permissions && { permissions: { granted: cdkOut.then(made => permissionsOf(readCloudAssembly(made))) } }),
        ...(once && { restartsMax: 0 }),
      })
      if (!watching) return runtime
      await watching.into(runtime)
      return {
        ...runtime,
        stop: async () => {
          await watching.stop()
          await runtime.stop()
        },
      }
    }

    return { once, demo, chosen, stateDir, whatToTry, start: startAll }
  })
}
