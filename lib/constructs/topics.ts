import { Fn } from 'aws-cdk-lib'
import * as msk from 'aws-cdk-lib/aws-msk'
import { Construct } from 'constructs'
import { deadLetterTopicOf } from '#shared/messaging/topics.ts'
import type { StageSettings } from '../config.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/**
 * Lambda's own failure record holds the records in base64 inside a JSON document, a third larger than they were; a
 * record of just under Kafka's usual megabyte must still fit, and so must a batch that was given up on as a whole.
 */
const DEAD_LETTER_BYTES_MAX = 8 * 1024 * 1024

interface Props {
  readonly clusterArn: string
  /** Without the stage's prefix. */
  readonly topics: readonly string[]
  readonly settings: Pick<StageSettings, 'partitions' | 'retention' | 'topicPrefix'>
}

/** Every topic with its dead-letter topic. Partitions and configuration change in place, a new name is a new topic. */
export class Topics extends Construct {
  constructor(scope: Construct, id: string, { clusterArn, topics, settings }: Props) {
    super(scope, id)
    const { topicDays, deadLetterDays } = settings.retention
    for (const topic of topics) {
      this.add(topic, { 'retention.ms': topicDays * DAY_MS }, clusterArn, settings)
      this.add(
        deadLetterTopicOf(topic),
        { 'retention.ms': deadLetterDays * DAY_MS, 'max.message.bytes': DEAD_LETTER_BYTES_MAX },
        clusterArn,
        settings,
      )
    }
  }

  private add(topic: string, configs: Record<string, number>, clusterArn: string, settings: Props['settings']) {
    const topicName = `${settings.topicPrefix}${topic}`
    if (!/^[a-zA-Z0-9._-]{1,249}$/.test(topicName)) throw new Error(`"${topicName}" is no name for a Kafka topic`)
    const lines = Object.entries({ 'cleanup.policy': 'delete', ...configs }).map(([key, value]) => `${key}=${value}`)
    new msk.CfnTopic(this, topic, {
      clusterArn,
      topicName,
      partitionCount: settings.partitions,
      replicationFactor: 3,
      configs: Fn.base64(lines.join('\n')),
    })
  }
}
