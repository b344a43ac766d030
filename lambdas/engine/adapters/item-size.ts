import type { Item, Value } from '../model/ports.ts'

/** The largest item that a table takes, names included. */
export const ITEM_BYTES_MAX = 400 * 1024

/** The size of an item as DynamoDB bills it: names and values in bytes of UTF-8, numbers by their digits. NaN: there is half a character in it, which has no bytes. */
export function itemSizeBytes(item: Item): number {
  let size = 0
  for (const name of Object.keys(item)) {
    const value = item[name]
    if (value !== undefined) size += utf8Length(name) + sizeOf(value)
  }
  return size
}

const CONTAINER_BYTES = 3
const ELEMENT_BYTES = 1

function sizeOf(value: Value): number {
  if (typeof value === 'string') return utf8Length(value)
  if (typeof value === 'number') return numberBytes(value)
  if (typeof value === 'boolean' || value === null) return 1
  let size = CONTAINER_BYTES
  if (isList(value)) for (const element of value) size += ELEMENT_BYTES + sizeOf(element)
  else for (const name of Object.keys(value)) size += ELEMENT_BYTES + utf8Length(name) + sizeOf(value[name] ?? null)
  return size
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

/** A byte for every two significant digits, one more, and one for a minus. Zeros at either end do not count. */
function numberBytes(value: number): number {
  if (value === 0) return 1
  const sign = value < 0 ? 1 : 0
  if (Number.isSafeInteger(value)) return wholeNumberPairs(Math.abs(value)) + 1 + sign
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  // Digits are kept in pairs that begin at even powers of ten.
  const leading = Math.abs(Number(exponent)) % 2 === 1 ? 0 : 1
  return Math.ceil((digits.length + leading) / 2) + 1 + sign
}

/** The usual case, without making text of it. */
function wholeNumberPairs(value: number): number {
  let rest = value
  while (rest % 100 === 0) rest /= 100
  let pairs = 0
  for (; rest >= 1; rest = Math.floor(rest / 100)) pairs += 1
  return pairs
}

/** Without an encoder for the usual text, which is ASCII. */
function utf8Length(text: string): number {
  for (let i = 0; i < text.length; i += 1)
    if (text.charCodeAt(i) > 127) return text.isWellFormed() ? Buffer.byteLength(text) : Number.NaN
  return text.length
}
