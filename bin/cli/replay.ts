/** `replay`: a consumer reads a topic again, from an offset, a time or its beginning. Whatever it handled before changes nothing. */
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import type { Admin } from 'kafkajs'
import { consumerGroupOf } from '#engine/delivery/topics.ts'
import { sleep } from '../../localstack/runtime/sources/sleep.ts'
import { KafkaAway, withAdmin } from '../../localstack/runtime/kafka/admin.ts'
import { kafkaClient } from '../../localstack/runtime/kafka/client.ts'
import { ApiError } from '../../client/api-client.ts'
import { pathOf } from '../../client/path.ts'
import type { Session } from './session.ts'
import { type From, movesTo, type Move, type Partition, readFrom } from './replay-plan.ts'
import { plainTable } from '../../client/plain-table.ts'

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** As an operator. */
  readonly open: () => Promise<Session>
  readonly show: Session['show']
  /** What it is doing, for a person who waits. */
  readonly progress: (text: string) => void
}

interface ReplayOptions {
  readonly consumer: string
  readonly topic: string
  readonly from: From
  readonly partition?: number
  readonly brokers: string
  readonly prefix: string
  readonly stopped?: boolean
  readonly wait?: boolean
}

/** Milliseconds that a broker gets which is starting or recovering: a person waits. */
const BROKER_WITHIN_MS = 15_000
/** How long `--wait` waits for the consumer to be where it was, and how often it looks. */
const WAIT_MS = 10 * 60_000
const LOOK_EVERY_MS = 500

export function replayCommand({ env, open, show, progress }: Surroundings): Command {
  const command = new Command('replay')
  command
    .description('lets a consumer read a topic again: whatever it handled before, it handles as a duplicate')
    .requiredOption('--consumer <name>', 'the consumer: product, order-saga …')
    .requiredOption('--topic <topic>', 'one of the topics that it reads, without the prefix')
    .requiredOption('--from <place>', 'an offset (with --partition), a time (2026-11-21T10:00:00Z), or beginning', from)
    .option('--partition <number>', 'only this partition', partition)
    .option('--brokers <list>', 'host:port of the brokers, comma-separated', localBrokers(env))
    .option('--prefix <prefix>', 'before every topic and group of the environment', env['TOPIC_PREFIX'] ?? '')
    .option('--stopped', 'its event source is disabled already, by hand: nobody stops and starts it (deployed stages)')
    .option('--wait', 'waits until it has caught up')
    .action(async (options: ReplayOptions) => {
      if (options.from.kind === 'offset' && options.partition === undefined)
        command.error('error: an offset is a place of one partition: give --partition <number> with it')
      const moves = await replay(options, { open, progress })
      const { consumer, topic } = options
      show({ consumer, topic, partitions: moves }, () =>
        [
          plainTable(
            ['PARTITION', 'WAS AT', 'NOW AT', 'READS AGAIN'],
            moves.map(({ number, was, to, again }) => [number, was, to, again]),
          ),
          '',
          `${consumer} reads ${moves.reduce((sum, { again }) => sum + again, 0)} records of ${topic} again`,
        ].join('\n'),
      )
    })
  return command
}

async function replay(options: ReplayOptions, { open, progress }: Pick<Surroundings, 'open' | 'progress'>) {
  const { consumer, topic, prefix } = options
  const groupId = `${prefix}${consumerGroupOf(consumer, topic)}`
  const kafka = kafkaClient(options.brokers.split(','), 'recourse-replay')
  const ask: Place['ask'] = (what, work) => withAdmin(kafka, { what, say: progress, withinMs: BROKER_WITHIN_MS }, work)
  try {
    const place: Place = { ask, groupId, topic: `${prefix}${topic}` }
    const before = await look(place, options)
    const session = options.stopped ? undefined : await open()
    const stopAndStart = (action: 'pause' | 'resume') =>
      session?.api({ method: 'POST', path: pathOf('sandbox', 'consumers', consumer, action) })
    progress(`stopping ${consumer}`)
    await stopAndStart('pause')
    let moves: Move[]
    try {
      // It may have gone on since: what it was at is what it is at now that it stands still.
      moves = movesTo(options.from, await look(place, options))
      const partitions = moves.map(({ number, to }) => ({ partition: number, offset: String(to) }))
      if (partitions.length > 0)
        await ask('set its offsets', admin => admin.setOffsets({ groupId, topic: place.topic, partitions }))
    } finally {
      progress(`starting ${consumer} again`)
      await stopAndStart('resume')
    }
    if (options.wait && !options.stopped) await caughtUp(place, before, progress)
    return moves
  } catch (error) {
    throw readable(error, options)
  }
}

interface Place {
  /** Asks the brokers, again while they are starting; `what` goes on after "to". */
  readonly ask: <T>(what: string, work: (admin: Admin) => Promise<T>) => Promise<T>
  readonly groupId: string
  /** With the prefix. */
  readonly topic: string
}

/** The topic's partitions as they are: what is written, where the group is, and what `from` means there. */
async function look({ ask, groupId, topic }: Place, { from: place, partition: only }: ReplayOptions) {
  const [written, [of], { groups }] = await ask('tell its offsets', admin =>
    Promise.all([admin.fetchTopicOffsets(topic), admin.fetchOffsets({ groupId, topics: [topic] }), admin.listGroups()]),
  )
  if (!groups.some(group => group.groupId === groupId))
    throw new ApiError(
      `There is no consumer group ${groupId}: groups of this topic are ${
        groups
          .map(group => group.groupId)
          .filter(name => name.endsWith(`.${topic}`) || name.endsWith(`.${topic.split('.').at(-1)}`))
          .join(', ') || 'none'
      }`,
      0,
    )
  const atTime = new Map(
    place.kind === 'time'
      ? (await ask('find the time', admin => admin.fetchTopicOffsetsByTimestamp(topic, place.ms))).map(found => [
          found.partition,
          found.offset,
        ])
      : [],
  )
  const partitions = written.map(({ partition: number, low, high }): Partition => {
    const at = Number(of?.partitions.find(found => found.partition === number)?.offset ?? -1)
    const since = atTime.get(number)
    return {
      number,
      low: Number(low),
      high: Number(high),
      at: at < 0 ? Number(low) : at,
      ...(since !== undefined && { since: Number(since) < 0 ? Number(high) : Number(since) }),
    }
  })
  if (only !== undefined && !partitions.some(({ number }) => number === only))
    throw new ApiError(`${topic} has no partition ${only}: it has 0 to ${partitions.length - 1}`, 0)
  return partitions
    .filter(({ number }) => only === undefined || number === only)
    .toSorted((a, b) => a.number - b.number)
}

async function caughtUp(
  { ask, groupId, topic }: Place,
  before: readonly Partition[],
  progress: (text: string) => void,
) {
  for (let waited = 0; ; waited += LOOK_EVERY_MS) {
    const [of] = await ask('tell its offsets', admin => admin.fetchOffsets({ groupId, topics: [topic] }))
    const behind = before.reduce((sum, { number, at }) => {
      const now = Number(of?.partitions.find(found => found.partition === number)?.offset ?? -1)
      return sum + Math.max(0, at - now)
    }, 0)
    if (behind === 0) return
    if (waited >= WAIT_MS)
      throw new ApiError(`It is still ${behind} records behind after ${WAIT_MS / 60_000} minutes`, 0)
    if (waited % 5000 === 0) progress(`${behind} records to read`)
    await sleep(LOOK_EVERY_MS)
  }
}

/** What went wrong, for a person. */
function readable(error: unknown, { consumer, topic, brokers }: ReplayOptions): unknown {
  if (error instanceof ApiError || error instanceof CommanderError) return error
  const type = typeIn(error)
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return new ApiError(`There is no topic ${topic} at ${brokers}`, 0)
  if (type === 'NON_EMPTY_GROUP' || type === 'UNKNOWN_MEMBER_ID')
    return new ApiError(`${consumer} still reads ${topic}: disable its event source first, then use --stopped`, 0)
  if (error instanceof KafkaAway)
    return new ApiError(
      `No broker answers at ${brokers}: start it with \`npm start\`, or say where it is with --brokers`,
      0,
    )
  return error
}

/** Of Kafka's error, which kafkajs wraps. */
function typeIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return 'type' in error && typeof error.type === 'string' ? error.type : typeIn(error.cause)
}

const localBrokers = (env: Surroundings['env']) => env['KAFKA_BROKERS'] || `127.0.0.1:${env['KAFKA_PORT'] || 19_092}`

function from(text: string): From {
  const read = readFrom(text)
  if (!read) throw new InvalidArgumentError('It is an offset, a time such as 2026-11-21T10:00:00Z, or beginning.')
  return read
}

function partition(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It is a number: 0 is the first.')
  return Number(text)
}
