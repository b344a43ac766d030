import { copyFileSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { whenToldToEnd } from './runtime/ending.ts'
import { keyFolder, signToken } from './runtime/identity.ts'
import { type Runtime, startRuntime } from './runtime/runtime.ts'
import { readSettings, type StartSettings } from './runtime/settings.ts'
import { readCloudAssembly } from './runtime/template/cloud-assembly.ts'
import { permissionsOf } from './runtime/template/permissions.ts'
import { endSynthesis, synthesizeAside } from './runtime/synth.ts'
import { orderPlays } from './scenarios/order-plays.ts'
import { quotePlays } from './scenarios/quote-plays.ts'
import { runScenarios } from './scenarios/run.ts'
import { CannotStart } from './servers/index.ts'

/**
 * `npm start`: everything on this machine, real orders down every path, and then an API to try.
 * `npm start -- --once` ends after the orders, with 0 only if each ended as it should. With `--permissions` each function
 * may do what its policies say, and the first that tries something else ends the run.
 */
const since = performance.now()
/** Progress goes to standard error, results to standard output. */
const say = (line: string) => void process.stderr.write(`${line}\n`)
/** What everything else has to say; of no interest once it is being ended. */
const tell = (line: string) => {
  if (!exiting) say(line)
}
const print = (text: string) => void process.stdout.write(`${text}\n`)
const seconds = () => `${((performance.now() - since) / 1000).toFixed(1)} s`

let running: Runtime | undefined
/** Removed at the end. */
let temporary: string | undefined
let exiting = false
/** Milliseconds until this process ends anyway, and with it what it started. */
const END_WITHIN_MS = 15_000
const LAST_LOG = join(keyFolder, 'last-run.log')

whenToldToEnd(
  (signal, code) => {
    if (exiting) process.exit(code)
    say(`${signal}: stopping …`)
    void end(running && !once ? 0 : code)
  },
  // What was started ends with this process.
  code => process.exit(code),
)
process.on('uncaughtException', error => void fail(error))
process.on('exit', cleanUp)

const once = process.argv.includes('--once')
const permissions = process.argv.includes('--permissions')
try {
  const unknown = process.argv.slice(2).filter(argument => argument !== '--once' && argument !== '--permissions')
  if (unknown.length > 0)
    throw new CannotStart(`npm start takes --once and --permissions alone, not ${unknown.join(' ')}`)
  await run(readSettings(process.env))
} catch (error) {
  await fail(error)
}

async function run(settings: StartSettings) {
  running = await start(settings)
  running.failed.catch((error: unknown) => void fail(error))
  print(`ready ${running.url}`)
  say(`everything is up after ${seconds()}`)
  const { ok } = await runScenarios({
    url: running.url,
    plays: [...orderPlays, ...quotePlays(settings.quoting)],
    token: (sub, groups = []) => signToken({ sub, groups }),
    timeline: running.timeline,
    print,
  })
  if (once) return end(ok ? 0 : 1)
  print(whatToTry(running.url))
}

async function start({ stateDir, topicPrefix, quoting, ...settings }: StartSettings): Promise<Runtime> {
  const folder = await stateFolder(stateDir)
  say('synthesizing the CDK app (stage local) …')
  const cdkOut = synthesizeAside({
    stage: 'local',
    outDir: join(folder, 'cdk.out'),
    overrides: { topicPrefix, quoting },
  })
  cdkOut.then(
    () => tell(`synthesized after ${seconds()}`),
    () => {},
  )
  return startRuntime({
    ...settings,
    stateDir: folder,
    cdkOut,
    say: tell,
    ...(permissions && { permissions: { granted: cdkOut.then(made => permissionsOf(readCloudAssembly(made))) } }),
    ...(once && { restartsMax: 0 }),
  })
}

async function stateFolder(stateDir: string | undefined): Promise<string> {
  if (stateDir === undefined) return (temporary = await mkdtemp(join(tmpdir(), 'recourse-')))
  const folder = resolve(stateDir)
  await mkdir(folder, { recursive: true })
  return folder
}

async function fail(error: unknown) {
  if (exiting) return
  if (error instanceof CannotStart) say(`recourse: ${error.message}`)
  else say(`recourse: ${error instanceof Error ? withCauses(error) : String(error)}`)
  await end(1)
}

function withCauses(error: Error): string {
  const cause = error.cause instanceof Error ? `\n  because ${withCauses(error.cause)}` : ''
  return `${error.message}${cause}`
}

/** Ends everything in order, then this process; a start that is under way ends with it. */
async function end(code: number) {
  if (exiting) return
  exiting = true
  setTimeout(() => process.exit(code), END_WITHIN_MS).unref()
  await endSynthesis()
  await running?.stop().catch((error: unknown) => say(`stopping: ${String(error)}`))
  process.exit(code)
}

/** What functions and servers printed is kept where a user finds it; a folder that was made for this run alone is not. */
function cleanUp(code: number) {
  try {
    if (code === 1 && running) {
      copyFileSync(running.logFile, LAST_LOG)
      say(`what functions and servers printed is in ${LAST_LOG}`)
    }
    // The servers are ended by now, whatever made this process exit.
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  } catch (error) {
    say(`cleaning up: ${String(error)}`)
  }
}

function whatToTry(url: string): string {
  return `
The API is at ${url}. Copy and paste:

  OPERATOR=$(npm run --silent token -- --sub ops --group operators)
  ALICE=$(npm run --silent token -- --sub alice)

  # A product, and an order that waits for its end
  curl -s ${url}/products -H "Authorization: Bearer $OPERATOR" -H 'Content-Type: application/json' \\
    -d '{"productId":"tea","name":"Tea","price":{"amount":350,"currency":"EUR"},"stock":10}'
  curl -s ${url}/orders -H "Authorization: Bearer $ALICE" -H 'Content-Type: application/json' -H 'Prefer: wait=20' \\
    -d '{"items":[{"productId":"tea","quantity":2}],"paymentMethod":"tok_visa"}'

  # A quote: a customer, a draft, its approval
  curl -s ${url}/customers -H "Authorization: Bearer $OPERATOR" -H 'Content-Type: application/json' \\
    -d '{"customerId":"carol","name":"Carol"}'
  curl -s ${url}/quotes -H "Authorization: Bearer $ALICE" -H 'Content-Type: application/json' \\
    -d '{"quoteID":"quote-1","customerId":"carol","premium":1200}'
  curl -s -X POST ${url}/quotes/quote-1/approve -H "Authorization: Bearer $ALICE" -H 'Prefer: wait=20'

  # Its orders, and what the payment provider holds
  curl -s ${url}/orders -H "Authorization: Bearer $ALICE"
  curl -s ${url}/sandbox/charges -H "Authorization: Bearer $OPERATOR"

Payment methods tok_declined, tok_timeout and tok_unavailable fail in their own ways. Ctrl-C stops everything.`
}
