/** LocalStack, Redpanda and what goes with them, as `localstack/compose.yml` has them. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { sandboxClient } from '../sandbox/provider.ts'
import { CannotStart } from '../servers/index.ts'
import type { Place, PlacePorts } from './place.ts'

const FILE = join(import.meta.dirname, '..', 'compose.yml')
/** Seconds: the first time, images are fetched before. */
const HEALTHY_WITHIN = 180

/** Brings up what is not up yet, and waits until all of it is healthy. It stays when this process ends. Throws CannotStart. */
export async function upWithCompose(ports: PlacePorts): Promise<Place> {
  await compose(['up', '--detach', '--wait', '--wait-timeout', String(HEALTHY_WITHIN)], ports)
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
export const downWithCompose = (ports: PlacePorts) => compose(['down', '--volumes', '--remove-orphans'], ports)

async function compose(args: readonly string[], ports: PlacePorts): Promise<void> {
  const what = `docker compose ${args[0]}`
  const { code, error } = await run(['compose', '--file', FILE, ...args], {
    LOCALSTACK_PORT: String(ports.localstack),
    KAFKA_PORT: String(ports.kafka),
    PROVIDER_PORT: String(ports.provider),
  })
  if (error?.code === 'ENOENT')
    throw new CannotStart(
      'Docker is not here: install Docker with Compose v2 (https://docs.docker.com/get-docker/), or use npm start, which needs none',
    )
  if (error) throw new CannotStart(`${what}: ${error.message}`)
  if (code !== 0)
    throw new CannotStart(
      `${what} ended with code ${code}: what it printed above says why. It needs a running Docker engine and Compose v2; npm start needs neither`,
    )
}

/** Shows what it prints as progress. */
function run(args: readonly string[], environment: Readonly<Record<string, string>>) {
  return new Promise<{ code?: number | null; error?: NodeJS.ErrnoException }>(resolve => {
    const child = spawn('docker', args, {
      stdio: ['ignore', process.stderr, process.stderr],
      env: { ...process.env, ...environment },
    })
    child.once('error', error => resolve({ error }))
    child.once('close', code => resolve({ code }))
  })
}
