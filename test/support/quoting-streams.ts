/** What holds of event-sourced quoting at rest, seen from outside. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { drained } from './broker-client.ts'
import { root, type System } from './system.ts'
import { allItems } from './table-items.ts'
import { until } from './until.ts'

/** Nothing waits on any topic, nor in any stream of events. */
export async function settledIn(
  brokers: string,
  { endpoint }: System,
  prefix: string,
  withinMs = 90_000,
): Promise<void> {
  let open: string[] = []
  await until(
    'the streams to be handled',
    withinMs,
    async () => {
      await drained(brokers, withinMs, prefix)
      const { 'quote-events': events = [], sagas = [] } = await allItems(endpoint)
      const handled = new Map(sagas.map(({ sagaKey, sequenceNumber }) => [sagaKey, sequenceNumber]))
      const streams = Map.groupBy(events, ({ quoteID }) => String(quoteID))
      open = [...streams].flatMap(([id, { length }]) => (handled.get(`quoting:${id}`) === length ? [] : [id]))
      return open.length === 0
    },
    () => open,
  )
  await drained(brokers, withinMs, prefix)
}

/** Streams that do not count from 1 without gaps. */
export async function gaps({ endpoint }: System): Promise<string[]> {
  const { 'quote-events': events = [] } = await allItems(endpoint)
  return [...Map.groupBy(events, ({ quoteID }) => String(quoteID))].flatMap(([id, stream]) => {
    const numbers = stream.map(event => Number(event['sequenceNumber'])).sort((a, b) => a - b)
    return numbers.every((number, i) => number === i + 1) ? [] : [`${id}: ${numbers.join(' ')}`]
  })
}

interface Replayed {
  readonly code: number
  readonly differences: readonly unknown[]
  readonly rows: { readonly quotes: { readonly rebuilt: number } }
}

/** `npm run cli -- quotes replay`. */
export async function replay({ ports }: System): Promise<Replayed> {
  const args = ['scripts/bootstrap.mjs', 'bin/cli/cli.ts', '--json', 'quotes', 'replay']
  const env = { ...process.env, DYNAMODB_PORT: String(ports.DYNAMODB_PORT) }
  const { code, stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
  )
  return { code, ...(JSON.parse(stdout) as Omit<Replayed, 'code'>) }
}
