/**
 * `npm run local:docker`: LocalStack and Redpanda by `localstack/compose.yml`, the stage `localstack` deployed into it, the
 * same scenarios as `npm start`, and then an API to try. `-- --once` ends after the scenarios, `-- --down` takes everything
 * down, `-- --stand-in` takes MiniStack and the Kafka broker in the place of the containers.
 */
import { Command } from 'commander'
import { chosenIn } from '#engine/catalog/choices.ts'
import { choices } from '../../lambdas/catalog.ts'
import { readSettings } from '../runtime/settings.ts'
import { CannotStart } from '../servers/index.ts'
import { runSession, type Session, type SessionOptions } from '../session.ts'
import { whatToTry } from '../what-to-try.ts'
import { downWithCompose, upWithCompose } from './compose.ts'
import { readPorts } from './ports.ts'
import { standIn } from './stand-in.ts'
import { startInPlace } from './system.ts'

const { down, ...options } = new Command('local:docker')
  .description('Runs everything on LocalStack and Redpanda, in containers.')
  .option('--once', 'ends after the scenarios: 0 only if each ended as it should', false)
  .option(
    '--stand-in',
    'without Docker: MiniStack (from PyPI) and a Kafka broker in the place of the containers',
    false,
  )
  .option('--down', 'takes the containers down, with what they hold', false)
  .parse()
  .opts<{ once: boolean; standIn: boolean; down: boolean }>()

if (down) await takeDown()
else await runSession(prepare)

async function takeDown() {
  try {
    await downWithCompose(readPorts(process.env))
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error
    process.stderr.write(`recourse: ${error.message}\n`)
    process.exitCode = 1
  }
}

function prepare(): SessionOptions {
  const { port, topicPrefix, stateDir, ...settings } = readSettings(process.env)
  const chosen = chosenIn(choices, settings)
  const ports = readPorts(process.env)
  let api = ''

  async function start(session: Session) {
    const place = await (options.standIn ? standIn(ports, session) : upWithCompose(ports))
    const started = await startInPlace(place, { port, chosen, topicPrefix }, session)
    api = started.apiUrl
    return started
  }

  return {
    once: options.once,
    chosen,
    stateDir,
    whatToTry: url => `${whatToTry(url)}\nThe REST API itself, with the same tokens: ${api}`,
    start,
  }
}
