/**
 * What the document client is told, and what it leaves to us: numbers that DynamoDB cannot hold, and fields that are named
 * as JavaScript's own. For tools; the store has a marshalling of its own, which costs a saga less (ADR 16).
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, type TranslateConfig } from '@aws-sdk/lib-dynamodb'
import type { Item, Value } from '../../model/ports.ts'
import { requireNumber } from '../store-rules.ts'

/** Numbers stay JavaScript's both ways, also beyond 2^53. The client writes into what it is given: each gets its own. */
const translation = (): TranslateConfig => ({
  marshallOptions: { removeUndefinedValues: true, allowImpreciseNumbers: true },
  unmarshallOptions: { wrapNumbers: Number },
})

/** What the command line, scripts and tests read and write items by. */
export const documentClient = (client: DynamoDBClient): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(client, translation())

/** DynamoDB's numbers end where JavaScript's go on: what lies beyond is kept as text, so that what anybody sent can be read again. */
const fits = (value: number) => value === 0 || (Math.abs(value) < 1e126 && Math.abs(value) >= 1e-130)
const BEYOND = '$number'

/** An item as the document client is to write it. */
export const toStoredItem = (item: Item): Item => mapFields(item, toStored)

/** One value of it; the same one, if nothing in it needs care. Throws for what a table cannot keep. */
export function toStored(value: Value): Value {
  if (typeof value === 'number') return fits(requireNumber(value)) ? value : { [BEYOND]: String(value) }
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return mapList(value, toStored)
  const fields = mapFields(value, toStored)
  const stored = isBeyond(fields) ? { [BEYOND]: fields } : fields
  // The client tells sets and maps by `constructor`, and takes a field of that name for it; a Map it takes as it is.
  return Object.hasOwn(stored, 'constructor') ? (new Map(Object.entries(stored)) as unknown as Value) : stored
}

/** An item as it was before `toStoredItem`, from what the client read. */
export const fromStoredItem = (item: Readonly<Record<string, unknown>>): Item => mapFields(item as Item, fromStored)

function fromStored(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return mapList(value, fromStored)
  if (!isBeyond(value)) return mapFields(value, fromStored)
  const beyond = value[BEYOND]
  if (typeof beyond === 'string') return Number(beyond)
  return isMap(beyond) && isBeyond(beyond) ? mapFields(beyond, fromStored) : mapFields(value, fromStored)
}

/** As the store's own marshalling has it: one field of that name and no other. */
const isBeyond = (fields: Item): boolean => fields[BEYOND] !== undefined && Object.keys(fields).length === 1
const isMap = (value: Value | undefined): value is Item => typeof value === 'object' && value !== null && !isList(value)

const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

/** A copy only if something changes: this runs for every item that is read or written. */
function mapList(list: readonly Value[], of: (value: Value) => Value): readonly Value[] {
  let copy: Value[] | undefined
  for (let i = 0; i < list.length; i++) {
    const value = list[i] as Value
    const made = of(value)
    if (made !== value) (copy ??= [...list])[i] = made
  }
  return copy ?? list
}

function mapFields(fields: Item, of: (value: Value) => Value): Item {
  let copy: Record<string, Value> | undefined
  for (const name of Object.keys(fields)) {
    const value = fields[name] as Value
    const made = of(value)
    if (made !== value) (copy ??= { ...fields })[name] = made
  }
  return copy ?? fields
}
