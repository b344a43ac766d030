/**
 * kafkajs chooses the partition and the broker of a record, and this writes it: see `record-batch.ts`. Import it before a
 * client is made; it does its work once. What other producers of the process send is written by kafkajs as before.
 */
import Encoder from 'kafkajs/src/protocol/encoder.js'
import produce, { type ProduceRequest, type TopicData } from 'kafkajs/src/protocol/requests/produce/index.js'
import { encodeBatch, type SizedRecord } from './record-batch.ts'
import { bodyBytesOf, type RecordContent } from './record-size.ts'

/** A message of kafkajs's that is written by us. */
export class RecordMessage implements SizedRecord {
  readonly key: Buffer | null
  /** kafkajs refuses a message without one. */
  readonly value: null = null
  readonly record: RecordContent
  readonly bodyBytes: number
  constructor(record: RecordContent) {
    this.record = record
    this.bodyBytes = bodyBytesOf(record)
    this.key = record.key === null ? null : Buffer.from(record.key)
  }
}

/** The first version with record batches of version 2. */
const VERSION_MIN = 3
const original = produce.protocol

produce.protocol = ({ version }) => {
  const make = original({ version })
  if (make === undefined || Number(version) < VERSION_MIN) return make
  return options => {
    const made = make(options)
    return areOurs(options.topicData)
      ? { ...made, request: { ...made.request, encode: async () => encode(options) } }
      : made
  }
}

type OurTopics = readonly TopicData<RecordMessage>[]

const areOurs = (topics: readonly TopicData<unknown>[]): topics is OurTopics =>
  topics.every(({ partitions }) =>
    partitions.every(({ messages }) => messages.every(message => message instanceof RecordMessage)),
  )

function encode({ acks, timeout, topicData }: ProduceRequest): Encoder {
  const now = Date.now()
  const encoder = new Encoder().writeString(null).writeInt16(acks).writeInt32(timeout).writeInt32(topicData.length)
  for (const { topic, partitions } of topicData as OurTopics) {
    encoder.writeString(topic).writeInt32(partitions.length)
    for (const { partition, messages } of partitions) {
      const batch = encodeBatch(messages, now)
      encoder.writeInt32(partition).writeInt32(batch.length).writeBufferInternal(batch)
    }
  }
  return encoder
}
