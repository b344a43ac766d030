import type { IncomingRecord } from '#engine/delivery/envelope.ts'
import { utf8Of } from '#engine/delivery/given-text.ts'
import type { Header } from '#engine/model/ports.ts'

/** Bytes that are shown: an answer has at most 6 MB. A record of Kafka's usual size is far less. */
const VALUE_BYTES_MAX = 3 * 1024 * 1024
/** Characters of it as JSON; what would be longer, for its control characters, is base64. */
const VALUE_JSON_MAX = 4_500_000

/** What is shown of a dead letter's record: its value as text, else as base64, and its headers. */
export function contentOf(record: IncomingRecord | undefined) {
  if (!record) return { value: null, valueEncoding: 'utf8', valueBytes: 0, headers: {}, headerList: [] }
  const { value: whole, headers } = record
  const value = whole && whole.subarray(0, VALUE_BYTES_MAX)
  const text = value && textOf(value)
  return {
    value: text ?? (value && Buffer.from(value).toString('base64')),
    valueEncoding: value && text === undefined ? 'base64' : 'utf8',
    valueBytes: whole?.length ?? 0,
    headers: Object.fromEntries(headers.map(({ name, value }) => [name, Buffer.from(value ?? []).toString('utf8')])),
    headerList: headers.map(shownHeader),
  }
}

function shownHeader({ name, value }: Header) {
  const text = value && utf8Of(value)
  return text === undefined
    ? { name, value: value && Buffer.from(value).toString('base64'), valueEncoding: 'base64' as const }
    : { name, value: text, valueEncoding: 'utf8' as const }
}

function textOf(bytes: Uint8Array): string | undefined {
  const text = utf8Of(bytes)
  return text === undefined || JSON.stringify(text).length > VALUE_JSON_MAX ? undefined : text
}
