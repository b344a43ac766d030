import { randomUUID } from 'node:crypto'
import { FunctionError } from '../functions/function.ts'
import type { GivenUp } from '../sources/delivery.ts'
import type { KafkaRecord } from './event.ts'

interface Failure {
  readonly records: readonly KafkaRecord[]
  readonly why: GivenUp
  readonly functionArn: string
  /** What the function was given. */
  readonly event: { readonly eventSourceArn: string; readonly bootstrapServers: string }
  /** Milliseconds since 1970. */
  readonly now: number
}

/** What Lambda itself writes to the on-failure destination: one JSON document for the batch, with the whole event inside as text. */
export function failureRecord({ records, why, functionArn, event, now }: Failure) {
  const payload = JSON.stringify(event)
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn,
      condition: why.condition,
      approximateInvokeCount: why.attempts,
    },
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      functionError: why.error instanceof FunctionError ? 'Unhandled' : null,
    },
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    KafkaBatchInfo: {
      batchSize: records.length,
      eventSourceArn: event.eventSourceArn,
      bootstrapServers: event.bootstrapServers,
      payloadSize: Buffer.byteLength(payload),
      recordsInfo: recordsInfo(records),
    },
    payload,
  }
}

function recordsInfo(records: readonly KafkaRecord[]) {
  const [first] = records
  const last = records.at(-1)
  if (!first || !last) return {}
  return {
    [`${first.topic}-${first.partition}`]: {
      firstRecordOffset: first.offset,
      lastRecordOffset: last.offset,
      firstRecordTimestamp: new Date(first.timestamp).toISOString(),
      lastRecordTimestamp: new Date(last.timestamp).toISOString(),
    },
  }
}
