import type { _Record, AttributeValue } from '@aws-sdk/client-dynamodb-streams'
import { REGION } from '../template/resource-types.ts'

/** A change as Lambda hands it to a function. */
export interface StreamRecord {
  readonly eventID: string
  readonly eventName: string
  readonly eventVersion: string
  readonly eventSource: 'aws:dynamodb'
  readonly awsRegion: string
  readonly eventSourceARN: string
  readonly dynamodb: {
    /** Seconds since 1970. */
    readonly ApproximateCreationDateTime: number
    readonly SequenceNumber: string
    readonly SizeBytes: number
    readonly StreamViewType: string
    readonly Keys?: Attributes
    readonly NewImage?: Attributes
    readonly OldImage?: Attributes
  }
}
type Attributes = Readonly<Record<string, unknown>>

/** `sourceArn` is the stream's; the table's name stands in it. */
export function streamRecord(record: _Record, sourceArn: string): StreamRecord {
  const { dynamodb = {} } = record
  return {
    eventID: record.eventID ?? '',
    eventName: record.eventName ?? '',
    eventVersion: record.eventVersion ?? '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: REGION,
    eventSourceARN: sourceArn,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor((dynamodb.ApproximateCreationDateTime?.getTime() ?? 0) / 1000),
      SequenceNumber: dynamodb.SequenceNumber ?? '',
      SizeBytes: dynamodb.SizeBytes ?? 0,
      StreamViewType: dynamodb.StreamViewType ?? '',
      ...(dynamodb.Keys && { Keys: attributes(dynamodb.Keys) }),
      ...(dynamodb.NewImage && { NewImage: attributes(dynamodb.NewImage) }),
      ...(dynamodb.OldImage && { OldImage: attributes(dynamodb.OldImage) }),
    },
  }
}

/** Bytes travel as base64 in Lambda's event. */
const attributes = (image: Record<string, AttributeValue>): Attributes =>
  Object.fromEntries(Object.entries(image).map(([name, value]) => [name, attribute(value)]))

function attribute(value: AttributeValue): unknown {
  if (value.B !== undefined) return { B: base64(value.B) }
  if (value.BS !== undefined) return { BS: value.BS.map(base64) }
  if (value.L !== undefined) return { L: value.L.map(attribute) }
  if (value.M !== undefined) return { M: attributes(value.M) }
  return value
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
