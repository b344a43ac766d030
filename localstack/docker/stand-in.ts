/** What stands in for the containers where there is no Docker: MiniStack for LocalStack, the Kafka broker for Redpanda. */
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { startSandboxProvider } from '../sandbox/provider.ts'
import { describeExit, requireFree, startKafka, together } from '../servers/index.ts'
import { installFromPyPI } from '../servers/python.ts'
import type { Session } from '../session.ts'
import type { Place, PlacePorts } from './deployment-target.ts'

const TITLE = 'MiniStack'
const READY_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 5000
const LINES_KEPT = 20

/** Starts them for this run alone. Throws CannotStart for what a user can mend. */
export async function standIn(ports: PlacePorts, { folder, say }: Pick<Session, 'folder' | 'say'>): Promise<Place> {
  await requireFree(ports.localstack, TITLE, 'LOCALSTACK_PORT')
  say(`starting ${TITLE}, Kafka, the payment provider …`)
  const {
    started: [ministack, kafka, provider],
    stop,
  } = await together([
    startMiniStack(ports.localstack, folder),
    startKafka({ port: ports.kafka, dir: join(folder, 'kafka'), say }),
    startSandboxProvider(),
  ])
  const failed = Promise.race([
    ministack.failed,
    kafka.exited.then(exit => {
      if (exit.expected) return new Promise<never>(() => {})
      throw new Error(`Kafka ended ${describeExit(exit)}`)
    }),
  ])
  failed.catch(() => {})
  return {
    title: TITLE,
    endpoint: ministack.endpoint,
    brokers: [kafka.brokers],
    brokersOfFunctions: [kafka.brokers],
    provider: provider,
    providerUrlOfFunctions: provider.url,
    failed,
    stop,
  }
}

async function startMiniStack(port: number, folder: string) {
  const bin = await installFromPyPI('ministack', join(import.meta.dirname, 'ministack.txt'))
  const logs = join(folder, 'logs')
  await mkdir(logs, { recursive: true })
  const temporary = join(folder, 'tmp')
  await mkdir(temporary, { recursive: true })
  // It runs functions by a script in there, which is CommonJS whatever a package.json further up says.
  await writeFile(join(temporary, 'package.json'), '{"type":"commonjs"}\n')
  const log = createWriteStream(join(logs, 'ministack.log'), { flags: 'a' })
  // Standard input stays open and silent: when this process is gone it closes, and MiniStack ends.
  const child = spawn(join(bin, 'python'), [join(import.meta.dirname, 'run_ministack.py')], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      IOT_MTLS_ENABLED: '0',
      TMPDIR: temporary,
      // Functions run under the Node that runs this.
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
    },
  })
  child.stdin.on('error', () => {})
  let lastLines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      log.write(text)
      lastLines = [...lastLines, ...text.split('\n')].filter(line => line !== '').slice(-LINES_KEPT)
    })
  let expected = false
  const exited = new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('close', (code, signal) => resolve(`it ended ${describeExit({ code, signal })}`))
  })
  const failed = exited.then(why => {
    if (expected) return new Promise<never>(() => {})
    throw new Error(`${TITLE}: ${why}\n${lastLines.join('\n')}`)
  })
  failed.catch(() => {})
  const endpoint = `http://127.0.0.1:${port}`
  const stop = async () => {
    expected = true
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
    await exited.finally(() => clearTimeout(force))
  }
  try {
    await Promise.race([answers(`${endpoint}/_localstack/health`), failed])
  } catch (error) {
    await stop()
    throw error
  }
  return { endpoint, failed, stop }
}

async function answers(url: string): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS
  for (;;) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    if (performance.now() > until) throw new Error(`${url} did not answer within ${READY_WITHIN_MS / 1000} s`)
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}
