/** How many bytes a record takes on Kafka. Pure. */
import type { OutgoingRecord } from '../../model/ports.ts'

export type RecordContent = Pick<OutgoingRecord, 'key' | 'value' | 'headers' | 'keptHeaders'>

/** Before the records of a batch. */
export const BATCH_OVERHEAD_BYTES = 61
/** Of a record's place in its batch, at most, and of its length. */
const PLACE_BYTES_MAX = 5
const LENGTH_BYTES_MAX = 5

/** Bytes that a record with this body takes of a request, at most. */
export const recordBytesMax = (bodyBytes: number) => LENGTH_BYTES_MAX + PLACE_BYTES_MAX + bodyBytes

/** All of a record but its length and its place in the batch. */
export function bodyBytesOf({ key, value, headers, keptHeaders = [] }: RecordContent): number {
  let names = keptHeaders.length
  // Attributes and time.
  let bytes = 2 + contentBytes(key) + contentBytes(value)
  for (const header of keptHeaders) bytes += contentBytes(header.name) + contentBytes(header.value)
  for (const name in headers) {
    names += 1
    bytes += contentBytes(name) + contentBytes(headers[name] ?? null)
  }
  return bytes + varintBytes(names)
}

export const lengthOf = (content: string | Uint8Array) =>
  typeof content === 'string' ? Buffer.byteLength(content) : content.length

function contentBytes(content: string | Uint8Array | null): number {
  if (content === null) return 1
  const length = lengthOf(content)
  return varintBytes(length) + length
}

/** Of a number that is not negative; the sign takes a bit. */
export function varintBytes(value: number): number {
  let bytes = 1
  for (let left = value * 2; left > 0x7f; left = Math.floor(left / 128)) bytes += 1
  return bytes
}
