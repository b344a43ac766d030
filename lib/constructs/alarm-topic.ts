import { Aws } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as sns from 'aws-cdk-lib/aws-sns'
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Construct } from 'constructs'
import type { StageSettings } from '../config.ts'

interface Props {
  readonly settings: Pick<StageSettings, 'stage' | 'alarms'>
  readonly key: kms.IKey
}

/** Where the stage's alarms go, and who is told of them. CloudWatch of this account alone may write to it. */
export class AlarmTopic extends sns.Topic {
  constructor(scope: Construct, id: string, { settings, key }: Props) {
    super(scope, id, { displayName: `recourse ${settings.stage}`, masterKey: key, enforceSSL: true })
    this.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    )
    for (const address of settings.alarms.receivers) this.addSubscription(new subscriptions.EmailSubscription(address))
  }
}
