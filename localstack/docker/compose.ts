/** LocalStack, Redpanda and what goes with them, as `localstack/compose.yml` has them. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { sandboxClient } from '../sandbox/provider.ts'
import { CannotStart, run } from '../servers/tools.ts'
import type { Place, PlacePorts } from './deployment-target.ts'

const FILE = join(import.meta.dirname, '..', 'compose.yml')
/** As Compose names what is the file's. */
const PROJECT = 'recourse'
/** What a deployment needs. */
const NEEDED = ['localstack', 'redpanda', 'provider']
/** Seconds: the first time, images are fetched before. */
const HEALTHY_WITHIN = 180

/** Brings up what is not up yet, and waits until all of it is healthy. It stays when this process ends. Throws CannotStart. */
export async function upWithCompose(ports: PlacePorts): Promise<Place> {
  await requireDocker()
  await compose(['up', '--detach', '--wait', '--wait-timeout', String(HEALTHY_WITHIN), ...NEEDED], ports)
  // A window, which nothing waits for.
  await compose(['up', '--detach', 'console'], ports)
  return {
    title: 'LocalStack',
    endpoint: `http://127.0.0.1:${ports.localstack}`,
    brokers: [`127.0.0.1:${ports.kafka}`],
    brokersOfFunctions: ['redpanda:9092'],
    provider: sandboxClient(`http://127.0.0.1:${ports.provider}`),
    providerUrlOfFunctions: 'http://provider:8080',
    failed: new Promise<never>(() => {}),
    stop: async () => {},
  }
}

/** Takes everything down and throws its data away. */
export async function downWithCompose(ports: PlacePorts): Promise<void> {
  await requireDocker()
  await compose(['stop', 'localstack'], ports)
  await removeFunctions()
  await compose(['down', '--volumes', '--remove-orphans'], ports)
}

/** Functions' containers that LocalStack did not end in time: they are not Compose's, and would hold its network. */
async function removeFunctions(): Promise<void> {
  const { text } = await run('docker', ['ps', '--all', '--quiet', '--filter', `name=^${PROJECT}-localstack-1-lambda-`])
  const ids = text.split(/\s+/).filter(Boolean)
  if (ids.length > 0) await run('docker', ['rm', '--force', ...ids])
}

const OTHERWISE = 'npm start needs no Docker, nor does npm run local:docker -- --stand-in'

/** Throws CannotStart that says what is missing: Docker, its engine, or Compose. */
async function requireDocker(): Promise<void> {
  const client = await run('docker', ['--version'])
  if (client.code !== 0)
    throw new CannotStart(`Docker is missing: install it (https://docs.docker.com/get-docker/); ${OTHERWISE}`)
  if ((await run('docker', ['version'])).code !== 0)
    throw new CannotStart(
      `the Docker engine does not answer: start it, and see that docker version works; ${OTHERWISE}`,
    )
  if ((await run('docker', ['compose', 'version'])).code !== 0)
    throw new CannotStart(
      `Docker Compose v2 is missing: install it (https://docs.docker.com/compose/install/); ${OTHERWISE}`,
    )
}

async function compose(args: readonly string[], ports: PlacePorts): Promise<void> {
  const code = await show(['compose', '--file', FILE, ...args], {
    LOCALSTACK_PORT: String(ports.localstack),
    KAFKA_PORT: String(ports.kafka),
    PROVIDER_PORT: String(ports.provider),
  })
  if (code === 0) return
  throw new CannotStart(
    `docker compose ${args[0]} ended with code ${code}: what it printed above says why, and docker compose -f localstack/compose.yml logs says more`,
  )
}

/** Shows what it prints as progress. */
function show(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', args, {
      stdio: ['ignore', process.stderr, process.stderr],
      env: { ...process.env, ...environment },
    })
    child.once('error', reject)
    child.once('close', resolve)
  })
}
