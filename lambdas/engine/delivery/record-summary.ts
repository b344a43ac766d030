/** What can be shown of a record that is broken, perhaps beyond reading: by the rules by which `parseRecord` reads it. Pure. */
import { fieldsOf, givenType, idFieldsOf, type IncomingRecord, objectOf, positionId } from './envelope.ts'
import { firstGiven, firstNoText, givenText, headerTexts, keyText, textOf } from './given-text.ts'
import { boundedId } from './message-identity.ts'

/** What can be shown of a record whatever is wrong with it. */
export interface RecordSummary {
  /** The id that its sender gave it, for people; where that can't be read or is none, made of where it was first seen. */
  readonly id: string
  /** False: it has none of its own. One in a header that can't be read is one: its bytes are kept. */
  readonly hasId: boolean
  readonly type?: string
  readonly sagaId?: string
}

/** Reads a record as far as it can be read. `sagaFields`: the fields that may hold a saga's id. Never throws. */
export function summaryOfRecord(record: IncomingRecord, sagaFields: readonly string[]): RecordSummary {
  const headers = headerTexts(record)
  const fields = fieldsOf(record.value)
  const data = objectOf(fields['data']) ?? {}
  const isEvent = fields['commandType'] === undefined && fields['eventType'] !== undefined
  const own = textOf(headers.get('ce_id') ?? firstGiven(fields, idFieldsOf(isEvent ? 'event' : 'command')))
  const type = textOf(givenType(fields, headers))
  // One that is no text names no saga, and nothing behind it does.
  const wrong = firstNoText(fields, sagaFields) ?? firstNoText(data, sagaFields)
  const inFields = sagaFields.flatMap(field => textOf(givenText(fields[field]) ?? givenText(data[field])) ?? [])
  const sagaId = headers.get('sagaid') ?? (wrong === undefined ? (inFields[0] ?? keyText(record.key)) : undefined)
  return {
    id: boundedId(own ?? positionId(record)),
    hasId: own !== undefined || headers.has('ce_id'),
    ...(type !== undefined && { type }),
    ...(textOf(sagaId) !== undefined && { sagaId: textOf(sagaId) }),
  }
}
