import { Fn } from 'aws-cdk-lib'
import * as msk from 'aws-cdk-lib/aws-msk'
import { Construct } from 'constructs'
import type { StageSettings } from '../config.ts'
import { planTopics } from '../topics.ts'
import { topicProblems } from './msk-rules.ts'

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
    for (const { topic, name, partitions, configs } of planTopics(topics, settings)) {
      // Every value is text, a number too: so are the examples and templates of others that were tried on MSK.
      const json = JSON.stringify(
        Object.fromEntries(Object.entries(configs).map(([key, value]) => [key, String(value)])),
      )
      const request = {
        topicName: name,
        partitionCount: partitions,
        replicationFactor: 3,
        configs: Buffer.from(json).toString('base64'),
      }
      const problems = topicProblems(request)
      if (problems.length > 0) throw new Error(`topic ${name}: ${problems.join('; ')}`)
      // Encoded by CloudFormation, so that a template can be read.
      new msk.CfnTopic(this, topic, { clusterArn, ...request, configs: Fn.base64(json) })
    }
  }
}
