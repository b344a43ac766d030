import { plainKafka, produce, type Read } from './broker-client.ts'

/** A consumer's group goes past the record, which is then among the dead letters as Lambda writes them. Its members must have left. */
export async function giveUpAsLambda(brokers: string, consumer: string, record: Read): Promise<void> {
  const { topic, partition, offset } = record
  const admin = plainKafka(brokers).admin()
  await admin.connect()
  try {
    const partitions = [{ partition, offset: String(offset + 1) }]
    await admin.setOffsets({ groupId: `${consumer}.${topic}`, topic, partitions })
  } finally {
    await admin.disconnect()
  }
  await produce(brokers, [{ topic: `${topic}.dlq`, ...asLambda(record, consumer) }])
}

/** The failure record of one record, after the last of its deliveries. */
export function asLambda({ topic, partition, offset, timestamp, key, value, headers }: Read, consumer: string) {
  const record = {
    topic,
    partition,
    offset,
    timestamp: Number(timestamp),
    timestampType: 'CREATE_TIME',
    key: key?.toString('base64'),
    value: value?.toString('base64'),
    headers: Object.entries(headers).map(([name, text]) => ({ [name]: [...new Int8Array(Buffer.from(text))] })),
  }
  const document = {
    requestContext: {
      requestId: 'c9e2',
      functionArn: `arn:aws:lambda:eu-west-1:111122223333:function:${consumer}`,
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 11,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: '2026-11-21T18:00:00.000Z',
    KafkaBatchInfo: { batchSize: 1 },
    payload: JSON.stringify({ eventSource: 'aws:kafka', records: { [`${topic}-${partition}`]: [record] } }),
  }
  return { key, value: JSON.stringify(document) }
}
