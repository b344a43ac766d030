import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import type * as sqs from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { CatalogFunction } from './function.ts'

const BATCH_SIZE = 100
/**
 * 23 hours, in seconds. A change that came over HTTP is published by this feed alone, so an outage of Kafka is waited out
 * for nearly as long as the stream keeps it (24 hours): an hour before, as Lambda then tells which it gave up on, and the
 * stream would forget it without a word.
 */
const RECORD_AGE_MAX_SECONDS = 23 * 60 * 60

const PATTERNS = {
  http: { eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage: { publishByChangeFeed: { BOOL: [true] } } } },
  inserts: { eventName: ['INSERT'] },
}

interface Props {
  readonly reader: CatalogFunction
  readonly table: ITable
  /** Which changes: those that an HTTP function committed, or every new item. */
  readonly of: 'http' | 'inserts'
  /** Is told which records grew too old: where they are in the stream, not what is in them. */
  readonly failedEvents: sqs.IQueue
}

/**
 * A table's change feed. A relay's has only what an HTTP function committed (`publishByChangeFeed`), as what Kafka caused is
 * published by who committed it; an event store's has every event. Filtered-out records cost nothing.
 */
export class FeedSource extends Construct {
  constructor(scope: Construct, id: string, { reader, table, of, failedEvents }: Props) {
    super(scope, id)
    const streamArn = table.tableStreamArn
    if (!streamArn) throw new Error(`${table.node.path} has no stream to read`)
    reader.may(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      [streamArn],
    )
    const mapping = new lambda.CfnEventSourceMapping(this, 'Mapping', {
      functionName: reader.fn.functionName,
      eventSourceArn: streamArn,
      startingPosition: 'TRIM_HORIZON',
      batchSize: BATCH_SIZE,
      maximumBatchingWindowInSeconds: 0,
      functionResponseTypes: ['ReportBatchItemFailures'],
      bisectBatchOnFunctionError: true,
      // Without a bound of its own: the age bounds it.
      maximumRetryAttempts: -1,
      maximumRecordAgeInSeconds: RECORD_AGE_MAX_SECONDS,
      destinationConfig: { onFailure: { destination: failedEvents.queueArn } },
      filterCriteria: {
        filters: [
          {
            pattern: JSON.stringify(PATTERNS[of]),
          },
        ],
      },
    })
    mapping.node.addDependency(reader.role)
  }
}
