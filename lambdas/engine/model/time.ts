/** Times that others write, by RFC 3339: read once, compared as milliseconds, and written again in UTC. Pure. */
import * as z from 'zod'

const RFC3339 = /^(\d{4}-\d\d-\d\d)[T ]((?:[01]\d|2[0-3]):[0-5]\d):([0-5]\d|60)(\.\d+)?(Z|[+-]\d\d:\d\d)$/i
/** The years 0000 to 9999 in UTC: of others, texts that are compared sort wrongly (`+010000-01-01` before `2026-01-01`). */
const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z')
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z')

/** Milliseconds since 1970; a leap second is the second after it. Undefined for what is no time, or outside the years 0000 to 9999 in UTC. */
export function readTime(text: string): number | undefined {
  const [, date, minute, second, fraction = '', zone] = RFC3339.exec(text) ?? []
  if (second === undefined || !isDay(date)) return undefined
  const isLeap = second === '60'
  const ms = Date.parse(`${date}T${minute}:${isLeap ? '59' : second}${fraction}${zone?.toUpperCase()}`)
  // There are none but at the end of a day in UTC.
  if (isLeap && !new Date(ms).toISOString().slice(11).startsWith('23:59:59')) return undefined
  const read = isLeap ? Math.floor(ms / 1000) * 1000 + 1000 : ms
  return read >= FIRST_MS && read <= LAST_MS ? read : undefined
}

/** Of November there is no 31st, which `Date` would take for the 1st of December. */
function isDay(date: string | undefined): boolean {
  const day = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(`${date}T`)
}

/** A time that a person gives: with its zone, in UTC within the years 0000 to 9999. `Date.parse` reads it. */
export const time = z.iso
  .datetime({ offset: true, abort: true })
  .refine(text => readTime(text) !== undefined, 'is not within the years 0000 to 9999 in UTC')
