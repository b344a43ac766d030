import './codecs.ts'
import { type Consumer, type EachBatchPayload, type Kafka, type KafkaMessage } from 'kafkajs'
import type { LocalFunction } from '../functions/function.ts'
import type { DeliveryPorts, GivenUp } from '../sources/delivery.ts'
import { sleep } from '../sources/sleep.ts'
import type { KafkaSourcePlan } from '../template/plan-types.ts'
import { identify, kafkaEvent, type KafkaRecord, reported } from './event.ts'
import { headerListOf } from './header-shim.ts'
import { createLane, type Lane } from './lane.ts'
import { createTrouble, type Trouble } from './trouble.ts'

/** One event source mapping: a topic, a consumer group, a function. */
export interface KafkaSource {
  readonly functionName: string
  readonly topic: string
  /** Finishes what it is at, then leaves the group: its offsets can be reset meanwhile. Again is harmless. */
  pause(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
}

export interface KafkaSourcePorts extends Pick<DeliveryPorts<KafkaRecord>, 'serversUp'> {
  /** Whether the servers are known to be there: a loss during an outage is no news. */
  readonly allUp: () => boolean
  /** Everything is being stopped. */
  readonly released: () => boolean
  readonly kafka: Kafka
  readonly brokers: readonly string[]
  readonly fn: LocalFunction
  /** Keeps what was given up on, in the mapping's destination. */
  giveUp(plan: KafkaSourcePlan, records: readonly KafkaRecord[], why: GivenUp): Promise<void>
  /** Sees each record that is read, also what the filter drops. */
  observe(record: KafkaRecord): void
  show(line: string): void
}

/** Milliseconds. A member that was killed blocks its group for as long as its session: brokers allow no less than six seconds. */
const SESSION = { sessionTimeout: 6000, rebalanceTimeout: 6000, heartbeatInterval: 1500, maxWaitTimeInMs: 250 }
/** A partition that is added is seen after as long: kafkajs would look every five minutes. */
const METADATA_MAX_AGE_MS = 4000
/** After so many milliseconds a source that can't join says so. */
const JOINS_WITHIN_MS = 10_000

/** Starts to read, and resolves when the group is joined: from then on a new record is seen at once. */
export async function startKafkaSource(plan: KafkaSourcePlan, ports: KafkaSourcePorts): Promise<KafkaSource> {
  let session: Session | undefined
  let wanted = true
  const isWanted = () => wanted
  let starting: Promise<void> | undefined
  const trouble = createTrouble({ show: ports.show, now: Date.now })
  let joinedAt = 0
  let waiting = new AbortController()

  /** Until there is a session, or none is wanted any more: a broker that is away comes back. */
  async function start(): Promise<void> {
    const since = Date.now()
    while (isWanted() && !session && !ports.released()) {
      try {
        await ports.serversUp()
        const joined = await openSession(plan, ports, trouble, lose)
        joinedAt = Date.now()
        if (wanted) session = joined
        else await joined.close()
      } catch (error) {
        if (Date.now() - since > JOINS_WITHIN_MS) trouble.tell(`${plan.groupId} can't join its group: ${String(error)}`)
        await sleep(trouble.pauseAfter(0), waiting.signal)
      }
    }
  }
  const ensureStarted = () => (starting ??= start().finally(() => (starting = undefined)))

  function lose(lost: Session, error: Error) {
    if (session !== lost) return
    session = undefined
    if (ports.allUp()) trouble.tell(`${plan.groupId} lost Kafka (${error.message}), joins again …`)
    const pause = trouble.pauseAfter(Date.now() - joinedAt)
    void lost
      .close()
      .then(() => sleep(pause, waiting.signal))
      .then(ensureStarted)
  }

  async function close() {
    wanted = false
    waiting.abort()
    await starting
    const closing = session
    session = undefined
    await closing?.close()
  }

  await ensureStarted()
  return {
    functionName: plan.functionName,
    topic: plan.topic,
    pause: close,
    async resume() {
      wanted = true
      waiting = new AbortController()
      await ensureStarted()
    },
    stop: close,
  }
}

interface Session {
  close(): Promise<void>
}

/** A member of the group from joining to leaving. `lost`: kafkajs gave up on the broker. */
async function openSession(
  plan: KafkaSourcePlan,
  ports: KafkaSourcePorts,
  trouble: Trouble,
  lost: (session: Session, error: Error) => void,
): Promise<Session> {
  const consumer = ports.kafka.consumer({
    groupId: plan.groupId,
    ...SESSION,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1000, restartOnFailure: async () => false },
  })
  const lanes = new Map<number, Lane>()
  const committer = createCommitter(consumer, plan.topic)
  const waking = new AbortController()
  let closed: Promise<void> | undefined
  let gone = false

  const laneOf = (partition: number): Lane => {
    const present = lanes.get(partition)
    if (present) return present
    const lane = createLane(plan, {
      ...deliveryPorts(plan, ports, waking.signal),
      acknowledged: offset => committer.acknowledged(partition, offset),
      full: isFull => hold(partition, isFull),
      broken: error => trouble.tell(`${plan.groupId}: ${String(error)}`),
    })
    lanes.set(partition, lane)
    return lane
  }

  const hold = (partition: number, isFull: boolean) => {
    const which = [{ topic: plan.topic, partitions: [partition] }]
    // A member that is gone has nothing to hold.
    if (gone) return
    if (isFull) consumer.pause(which)
    else consumer.resume(which)
  }

  async function eachBatch({ batch }: EachBatchPayload): Promise<void> {
    const records = batch.messages.map(message => recordOf(message, batch.topic, batch.partition))
    try {
      for (const record of records) ports.observe(record)
    } catch (error) {
      // Who looks on holds nobody up.
      trouble.tell(`${plan.groupId}: ${String(error)}`)
    }
    laneOf(batch.partition).push(records)
  }

  /** The batch at work ends first, so that nothing of this partition runs twice at once when it is joined again. */
  const close = async () => {
    waking.abort()
    await Promise.all([...lanes.values()].map(lane => lane.stop()))
    await committer.flush()
    await consumer.disconnect().catch(() => {})
  }
  const session: Session = { close: () => (closed ??= close()) }

  consumer.on(consumer.events.STOP, () => (gone = true))
  try {
    await consumer.connect()
    await consumer.subscribe({ topic: plan.topic, fromBeginning: plan.startingPosition === 'TRIM_HORIZON' })
    const joined = new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.GROUP_JOIN, () => resolve())
      consumer.on(consumer.events.CRASH, ({ payload: { error } }) => {
        reject(error)
        lost(session, error)
      })
    })
    joined.catch(() => {})
    await consumer.run({ autoCommit: false, partitionsConsumedConcurrently: 8, eachBatch })
    await joined
    return session
  } catch (error) {
    await session.close()
    throw error
  }
}

function deliveryPorts(plan: KafkaSourcePlan, ports: KafkaSourcePorts, waking: AbortSignal) {
  return {
    invoke: (records: readonly KafkaRecord[]) => ports.fn.invoke(kafkaEvent(records, plan, ports.brokers)),
    identify,
    reported,
    fromFirstReported: false,
    createdAt: (record: KafkaRecord) => record.timestamp,
    giveUp: (records: readonly KafkaRecord[], why: GivenUp) => ports.giveUp(plan, records, why),
    now: Date.now,
    pause: (ms: number) => sleep(ms, waking),
    serversUp: ports.serversUp,
  }
}

/** Commits what is acknowledged, one request at a time: while one is under way, the newest offset waits. */
function createCommitter(consumer: Consumer, topic: string) {
  const acknowledged = new Map<number, number>()
  const committed = new Map<number, number>()
  let running: Promise<void> | undefined

  const open = () => [...acknowledged].filter(([partition, offset]) => committed.get(partition) !== offset)

  async function commit() {
    for (let news = open(); news.length > 0; news = open()) {
      try {
        await consumer.commitOffsets(news.map(([partition, offset]) => ({ topic, partition, offset: String(offset) })))
        for (const [partition, offset] of news) committed.set(partition, offset)
      } catch {
        // Rejoining or away: the next acknowledgement tries again; what is lost is delivered again, which is harmless.
        return
      }
    }
  }
  const flush = () => (running ??= commit().finally(() => (running = undefined)))

  return {
    acknowledged(partition: number, offset: number) {
      if (acknowledged.get(partition) === offset) return
      acknowledged.set(partition, offset)
      void flush()
    },
    /** The last attempt to commit; resolves also if it fails. */
    async flush() {
      await running
      await flush()
    },
  }
}

const recordOf = (message: KafkaMessage, topic: string, partition: number): KafkaRecord => ({
  topic,
  partition,
  offset: Number(message.offset),
  timestamp: Number(message.timestamp),
  key: message.key,
  value: message.value,
  headers: headerListOf(message.headers),
})
