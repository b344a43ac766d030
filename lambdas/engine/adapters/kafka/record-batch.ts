/**
 * Kafka's record batches, version 2. kafkajs's own encoder takes an object of headers: it groups them by name, orders names
 * that are numbers first, loses `__proto__` and throws on a header without a value. A dead letter keeps all of that, so
 * records are written here, header by header. Pure.
 */
import crc32C from 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js'
import { BATCH_OVERHEAD_BYTES, lengthOf, type RecordContent, varintBytes } from './record-size.ts'

export interface SizedRecord {
  readonly record: RecordContent
  /** `bodyBytesOf` it. */
  readonly bodyBytes: number
}

const CRC_AT = 17
/** The checksum is of what comes behind it. */
const ATTRIBUTES_AT = 21
const MAGIC = 2
const NONE = -1

/** `now`: when they are sent, milliseconds since 1970. */
export function encodeBatch(records: readonly SizedRecord[], now: number): Buffer {
  const bodies = records.map(({ bodyBytes }, place) => bodyBytes + varintBytes(place))
  const size = bodies.reduce((sum, body) => sum + varintBytes(body) + body, BATCH_OVERHEAD_BYTES)
  const writer = new Writer(size)
  const { buffer } = writer
  buffer.writeInt32BE(size - 12, 8)
  buffer.writeInt8(MAGIC, 16)
  buffer.writeInt32BE(records.length - 1, 23)
  buffer.writeBigInt64BE(BigInt(now), 27)
  buffer.writeBigInt64BE(BigInt(now), 35)
  // No producer id, epoch and sequence: it is not idempotent.
  buffer.writeBigInt64BE(BigInt(NONE), 43)
  buffer.writeInt16BE(NONE, 51)
  buffer.writeInt32BE(NONE, 53)
  buffer.writeInt32BE(records.length, 57)
  writer.at = BATCH_OVERHEAD_BYTES
  for (const [place, { record }] of records.entries()) {
    writer.varint(bodies[place] ?? 0)
    // Attributes, and how much later than the first: all are sent now.
    writer.zeros(2)
    writer.varint(place)
    writer.record(record)
  }
  buffer.writeUInt32BE(crc32C(buffer.subarray(ATTRIBUTES_AT)), CRC_AT)
  return buffer
}

class Writer {
  at = 0
  readonly buffer: Buffer
  constructor(size: number) {
    this.buffer = Buffer.alloc(size)
  }

  zeros(count: number) {
    this.at += count
  }

  /** Zigzag, seven bits a byte. Not negative, but for `-1`. */
  varint(value: number) {
    let left = value === NONE ? 1 : value * 2
    for (; left > 0x7f; left = Math.floor(left / 128)) this.buffer[this.at++] = (left & 0x7f) | 0x80
    this.buffer[this.at++] = left
  }

  content(content: string | Uint8Array | null) {
    if (content === null) return this.varint(NONE)
    const length = lengthOf(content)
    this.varint(length)
    if (typeof content === 'string') this.buffer.write(content, this.at)
    else this.buffer.set(content, this.at)
    this.at += length
  }

  record({ key, value, headers, keptHeaders = [] }: RecordContent) {
    this.content(key)
    this.content(value)
    const own = Object.keys(headers)
    this.varint(keptHeaders.length + own.length)
    for (const header of keptHeaders) {
      this.content(header.name)
      this.content(header.value)
    }
    for (const name of own) {
      this.content(name)
      this.content(headers[name] ?? null)
    }
  }
}
