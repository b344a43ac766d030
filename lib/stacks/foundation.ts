/** What every other stack leans on: the key of the logs, where alarms go, and where events go that Lambda gives up on. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import type * as kms from 'aws-cdk-lib/aws-kms'
import type * as sns from 'aws-cdk-lib/aws-sns'
import type * as sqs from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import type { StageSettings } from '../config.ts'
import { AlarmTopic } from '../constructs/alarm-topic.ts'
import { FailedEvents } from '../constructs/failed-events.ts'
import { WatchKey } from '../constructs/watch-key.ts'

interface Props extends StackProps {
  readonly settings: StageSettings
}

export class FoundationStack extends Stack {
  readonly watchKey: kms.IKey
  readonly alarmTopic: sns.ITopic
  readonly failedEvents: sqs.IQueue

  constructor(scope: Construct, id: string, { settings, ...props }: Props) {
    super(scope, id, { ...props, terminationProtection: settings.protectData })
    this.watchKey = new WatchKey(this, 'WatchKey', settings)
    this.alarmTopic = new AlarmTopic(this, 'Alarms', { settings, key: this.watchKey })
    this.failedEvents = new FailedEvents(this, 'FailedEvents')
    new CfnOutput(this, 'AlarmTopicArn', { value: this.alarmTopic.topicArn, description: 'Where alarms go' })
    new CfnOutput(this, 'FailedEventsUrl', {
      value: this.failedEvents.queueUrl,
      description: 'Events that Lambda gave up on',
    })
  }
}
