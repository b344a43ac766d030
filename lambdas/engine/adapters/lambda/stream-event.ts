/** The event of a DynamoDB stream. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item, Log } from '../../model/ports.ts'
import { fromAttributes } from '../dynamodb/marshal.ts'

export interface StreamEvent {
  readonly Records: readonly {
    readonly eventSourceARN?: string
    readonly dynamodb?: { readonly SequenceNumber?: string; readonly NewImage?: Readonly<Record<string, unknown>> }
  }[]
}
export interface StreamBatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

/** Everything again from the first: what was published already is a duplicate by its id. */
export function allAgain({ Records }: StreamEvent, error: unknown, log: Pick<Log, 'warn'>): StreamBatchResponse {
  log.warn('change-feed.retry', { records: Records.length, error })
  return { batchItemFailures: [{ itemIdentifier: Records[0]?.dynamodb?.SequenceNumber ?? '' }] }
}

interface Change {
  /** The table's physical name. */
  readonly table: string
  readonly sequenceNumber: string
  readonly item: Item
}

/** What was written, in the order of the stream. Deletions are left out. */
export const newImagesOf = ({ Records }: StreamEvent): Change[] =>
  Records.flatMap(({ eventSourceARN, dynamodb }) =>
    dynamodb?.NewImage
      ? [
          {
            table: /:table\/([^/]+)\//.exec(eventSourceARN ?? '')?.[1] ?? '',
            sequenceNumber: dynamodb.SequenceNumber ?? '',
            item: fromAttributes(dynamodb.NewImage as Record<string, AttributeValue>),
          },
        ]
      : [],
  )
