import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import * as sqs from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { except } from '../lint-suppressions.ts'

/**
 * What Lambda gives up on and no dead-letter topic takes: an asynchronous invocation (the clock's, or one by hand), and the
 * place in a change feed of records that grew too old. It is looked at, not replayed: the next tick of the clock does what
 * a lost one would have done, and the sweeper finds what a feed lost.
 */
export class FailedEvents extends sqs.Queue {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      encryption: sqs.QueueEncryption.KMS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    })
    except(this, { rule: 'AwsSolutions-SQS3', reason: 'It is a dead-letter queue itself' })
  }
}
