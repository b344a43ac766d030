import { Construct } from 'constructs'
import { deadLetterTopicOf } from '#engine/delivery/topics.ts'
import type { StageSettings } from '../config.ts'
import type { CatalogFunction } from './function.ts'
import type { Kafka } from './kafka.ts'
import { KafkaMapping } from './kafka-mapping.ts'

/**
 * Records in one invocation, at most. A batch is the unit of work (one read, a few batched writes, one produce), so
 * large is cheap; but an invocation has 60 s, and if the payment provider hangs each record of it takes 6.
 * A hundred leaves room for both. No window: Lambda hands over what is there at once, so an idle system answers
 * without waiting and batches grow by themselves under load, while the batch before is at work.
 */
const BATCH_SIZE = 100
const WINDOW_SECONDS = 0
/**
 * After the first delivery: as many as Lambda takes. Whatever fails for a while is an outage, and an outage is waited out:
 * with ten, minutes of it emptied a topic into its dead letters. `-1` would mean ten, as there is a destination.
 */
const RETRIES_MAX = 10_000
/** A week, in seconds: Lambda's longest. */
const RECORD_AGE_MAX_SECONDS = 604_800
const DAY_SECONDS = 24 * 60 * 60
const WITHOUT_END = -1

/**
 * A record is tried for as long as its topic keeps it, in seconds. What is kept for longer than Lambda can count has no
 * bound: with Lambda's week, a replay of older records would go to the dead letters untried.
 */
const recordAgeMax = (retentionDays: number) => {
  const seconds = retentionDays * DAY_SECONDS
  return seconds > RECORD_AGE_MAX_SECONDS ? WITHOUT_END : seconds
}

interface Props {
  readonly consumer: CatalogFunction
  /** The group's name: unique among all Kafka event sources of the account, or AWS refuses the second. */
  readonly group: string
  readonly kafka: Kafka
  /** Without the stage's prefix. */
  readonly topic: string
  /** For a topic of dead letters: nothing is given up, as there is nowhere to give it to, and AWS refuses the source itself. */
  readonly neverGivesUp?: boolean
  readonly settings: Pick<StageSettings, 'topicPrefix' | 'pollers' | 'stage' | 'retention' | 'retries'>
}

/**
 * One topic read by one consumer. In provisioned mode, which is the only one with bounded retries, bisection, partial
 * batch responses and a Kafka topic as destination (and needs no way out of the network). All mappings of a stage
 * share their pollers by one group name. What the consumer still fails on after the last retry, or when its topic is
 * about to forget it, Lambda itself writes to `<topic>.dlq`.
 *
 * There is no event filter. One drops without a trace what it can't read (a byte order mark, another encoding, a type in a
 * header alone), and a changed one applies after up to 15 minutes: what came meanwhile is gone (docs/adr/0017).
 */
export class KafkaSource extends Construct {
  constructor(scope: Construct, id: string, { consumer, group, kafka, topic, neverGivesUp = false, settings }: Props) {
    super(scope, id)
    const name = `${settings.topicPrefix}${topic}`
    const { attempts = RETRIES_MAX, ageSeconds = recordAgeMax(settings.retention.topicDays) } =
      settings.retries[topic] ?? {}
    const deadLetters = neverGivesUp ? undefined : deadLetterTopicOf(name)
    for (const statement of kafka.toConsume(name, deadLetters, group)) consumer.role.addToPolicy(statement)
    const mapping = new KafkaMapping(this, 'Mapping', {
      functionName: consumer.fn.functionName,
      ...kafka.source(group),
      topics: [name],
      startingPosition: 'TRIM_HORIZON',
      batchSize: BATCH_SIZE,
      maximumBatchingWindowInSeconds: WINDOW_SECONDS,
      functionResponseTypes: ['ReportBatchItemFailures'],
      bisectBatchOnFunctionError: true,
      ...(deadLetters === undefined
        ? { maximumRetryAttempts: WITHOUT_END }
        : {
            maximumRetryAttempts: attempts,
            maximumRecordAgeInSeconds: ageSeconds,
            destinationConfig: { onFailure: { destination: `kafka://${deadLetters}` } },
          }),
      provisionedPollerConfig: {
        minimumPollers: settings.pollers.minimum,
        maximumPollers: settings.pollers.maximum,
        pollerGroupName: `recourse-${settings.stage}`,
      },
    })
    // AWS tries the role when it makes the mapping: the policy must be there, not only the role.
    mapping.node.addDependency(consumer.role)
  }
}
