/** What wakes somebody up, as a list: each alarm with its threshold, and the runbook page that says what to do. */
import { ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import type { WiredFunction, Wiring } from '#engine/catalog/wiring.ts'
import type { StageSettings } from '../config.ts'
import { ofApi, ofCluster, ofFunction, ofTable, ours } from './metrics.ts'

export interface Watched {
  /** Unique in the stage; the alarm's name. */
  readonly name: string
  /** One sentence, for whoever gets the message. */
  readonly what: string
  /** A page of `docs/runbooks`, without `.md`. */
  readonly runbook: string
  readonly metric: IMetric
  /** At this value or above, unless `below`. */
  readonly threshold: number
  /** In the place of "at or above": under the threshold. */
  readonly below?: boolean
  /** Periods of five minutes in a row. */
  readonly periods: number
  /** No value at all is bad news too. */
  readonly missingIsBad?: boolean
}

/** Records that a consumer may be behind for a quarter of an hour. */
const LAG_MAX = 10_000
/** Milliseconds that a change may wait in its feed. */
const FEED_AGE_MAX_MS = 5 * 60_000
/** Milliseconds, of the slowest hundredth. An approval that is waited for (`Prefer: wait`) takes as long as it waits. */
const API_P99_MAX_MS = 21_000
/** Per cent of a Standard broker's volume. */
const DISK_MAX = 75

export interface Watching {
  readonly settings: StageSettings
  readonly wiring: Pick<Wiring, 'functions' | 'tables'>
  /** How many messages wait where failed events go. */
  readonly failedEvents: IMetric
}

/** All alarms of a stage. */
export const alarmsOf = ({ settings, wiring, failedEvents }: Watching): Watched[] => [
  ...wiring.functions.flatMap(fn => alarmsOfFunction(fn, `${settings.namePrefix}${fn.name}`)),
  ...wiring.tables.map(({ name }) => ({
    name: `table-throttled-${name}`,
    what: `DynamoDB refuses writes of the table ${name}: there are more than it takes.`,
    runbook: 'table-throttled',
    metric: ofTable('WriteThrottleEvents', `${settings.namePrefix}${name}`),
    threshold: 1,
    periods: 3,
  })),
  {
    name: 'failed-events',
    what: 'Lambda gave up on an event that no dead-letter topic takes: of the clock, or of a change feed.',
    runbook: 'failed-events',
    metric: failedEvents,
    threshold: 1,
    periods: 1,
  },
  {
    name: 'api-errors',
    what: 'The API answers 5xx.',
    runbook: 'api-errors',
    metric: ofApi('5XXError', `${settings.namePrefix}recourse`),
    threshold: 5,
    periods: 1,
  },
  {
    name: 'api-slow',
    what: `One request of a hundred takes longer than ${API_P99_MAX_MS / 1000} s.`,
    runbook: 'api-slow',
    metric: ofApi('Latency', `${settings.namePrefix}recourse`, 'p99'),
    threshold: API_P99_MAX_MS,
    periods: 3,
  },
  ...alarmsOfCluster(settings),
]

function alarmsOfFunction(fn: WiredFunction, functionName: string): Watched[] {
  const { name, kind, saga, sources, feeds, streams, deadLetterTopics, everySeconds, findsWithoutSaga = [] } = fn
  const alarms: Watched[] = [
    {
      name: `function-throttled-${name}`,
      what: `${name} may not run as often at once as it is asked to.`,
      runbook: 'function-throttled',
      metric: ofFunction('Throttles', functionName),
      threshold: 1,
      periods: 3,
    },
  ]
  // What an HTTP function throws is an answer of the API's, which has an alarm of its own.
  if (kind !== 'http')
    alarms.push({
      name: `function-errors-${name}`,
      what: `${name} fails as a whole, again and again: what it got is delivered to it once more.`,
      runbook: 'function-errors',
      metric: ofFunction('Errors', functionName),
      threshold: 5,
      periods: 3,
    })
  if (saga !== undefined)
    alarms.push({
      name: `saga-stuck-${saga}`,
      what: `A saga ${saga} is STUCK: it waits for a person.`,
      runbook: 'saga-stuck',
      metric: ours('sagasStuck', functionName, { saga }),
      threshold: 1,
      periods: 1,
    })
  if (saga !== undefined)
    alarms.push({
      name: `unexpected-effect-${saga}`,
      what: `A service says that it did what its saga ${saga} has given up or undone: money or goods may be where nobody counts them.`,
      runbook: 'unexpected-effect',
      metric: ours('unexpectedEffects', functionName),
      threshold: 1,
      periods: 1,
    })
  if (sources.length > 0)
    alarms.push({
      name: `consumer-lag-${name}`,
      what: `${name} is ${LAG_MAX} records or more behind on a topic, for a quarter of an hour.`,
      runbook: 'consumer-lag',
      metric: ofFunction('OffsetLag', functionName, 'Maximum'),
      threshold: LAG_MAX,
      periods: 3,
    })
  if (feeds.length + streams.length > 0)
    alarms.push({
      name: `feed-behind-${name}`,
      what: `Changes wait for ${name} in a table's feed for minutes; after a day DynamoDB forgets them.`,
      runbook: 'feed-behind',
      metric: ofFunction('IteratorAge', functionName, 'Maximum'),
      threshold: FEED_AGE_MAX_MS,
      periods: 2,
    })
  if (deadLetterTopics)
    alarms.push({
      name: 'dead-letters',
      what: 'There are new dead letters.',
      runbook: 'dead-letters',
      metric: ours('deadLettersIndexed', functionName),
      threshold: 1,
      periods: 1,
    })
  for (const what of findsWithoutSaga)
    alarms.push({
      name: `${what}-without-saga-${name}`,
      what: `Some ${what} have waited for a saga for minutes: their change feed has lost them or is late, and they were published again; or their first event is a dead letter.`,
      runbook: 'without-saga',
      metric: ours(`${what}WithoutSaga`, functionName),
      threshold: 1,
      periods: 1,
    })
  if (everySeconds !== undefined)
    alarms.push({
      name: `clock-silent-${name}`,
      what: `${name} has not run for a quarter of an hour: nobody looks at deadlines.`,
      runbook: 'clock-silent',
      metric: ofFunction('Invocations', functionName),
      threshold: 1,
      below: true,
      periods: 3,
      missingIsBad: true,
    })
  return alarms
}

function alarmsOfCluster({ kafka, stage }: StageSettings): Watched[] {
  if (kafka.kind === 'self-managed') return []
  const cluster = kafka.kind === 'msk-existing' ? (kafka.clusterArn.split('/')[1] ?? '') : `recourse-${stage}`
  return [
    {
      name: 'kafka-controller',
      what: 'The cluster has no controller: it makes no leader for a partition that has lost its own.',
      runbook: 'kafka-controller',
      metric: ofCluster('ActiveControllerCount', cluster, 'Maximum'),
      threshold: 1,
      below: true,
      periods: 2,
      missingIsBad: true,
    },
    ...(kafka.kind === 'msk-standard'
      ? Array.from({ length: kafka.brokers }, (_, i) => ({
          name: `kafka-disk-${i + 1}`,
          what: `Broker ${i + 1} has used ${DISK_MAX} % of its volume; full, it takes nothing more.`,
          runbook: 'kafka-disk',
          metric: ofCluster('KafkaDataLogsDiskUsed', cluster, 'Maximum', i + 1),
          threshold: DISK_MAX,
          periods: 1,
        }))
      : []),
  ]
}

/** How CloudWatch compares. */
export const comparisonOf = ({ below = false, missingIsBad = false }: Watched) => ({
  comparisonOperator: below
    ? ComparisonOperator.LESS_THAN_THRESHOLD
    : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  treatMissingData: missingIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
})
