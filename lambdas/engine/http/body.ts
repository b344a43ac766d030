import type * as z from 'zod'
import type { ApiContext } from './api.ts'
import { fieldAt, HttpProblem, invalidField, invalidFields } from './problem.ts'
import { repeatedFields } from './repeated.ts'
import { valueErrors } from './text.ts'
import { shownName, unknownFields, unknownName } from './unknown.ts'

/** Bytes of a request's body. */
export const BODY_MAX = 64 * 1024

/** The body, parsed. Throws 415 for another content type, 413 for too much, 400 for what is not JSON or not the schema's. */
export async function readBody<T>(c: ApiContext, schema: z.ZodType<T>): Promise<T> {
  const mediaType = (c.req.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (mediaType !== 'application/json')
    throw new HttpProblem('not-json', { detail: 'Send the header content-type: application/json.' })
  const bytes = await c.req.arrayBuffer()
  if (bytes.byteLength > BODY_MAX)
    throw new HttpProblem('too-large', {
      detail: `The body has ${bytes.byteLength} bytes, at most ${BODY_MAX} are taken.`,
    })
  const { json, body } = parseJson(bytes)
  return checkBody(body, schema, json)
}

/**
 * What JSON says, held against a schema. Throws 400 that names what is no text, what does not fit, and what is unknown;
 * with the JSON itself, also what is given twice.
 */
export function checkBody<T>(body: unknown, schema: z.ZodType<T>, json?: string): T {
  const broken = valueErrors(body)
  if (broken.length > 0) throw invalidFields(broken)
  const repeated = json === undefined ? [] : repeatedFields(json)
  if (repeated.length > 0) throw invalidFields(repeated)
  const unknown = unknownFields(schema, body)
  const parsed = schema.safeParse(body)
  if (parsed.success && unknown.length === 0) return parsed.data
  const wrong = (parsed.error?.issues ?? []).map(({ path, message }) => ({ field: fieldAt(path), message }))
  throw invalidFields([...wrong, ...unknown])
}

/** Of a route that takes no body. An empty one, or `{}`, says nothing; throws 400 for any other, as it would be left out. */
export function refuseBody(bytes: ArrayBuffer): void {
  if (bytes.byteLength === 0) return
  const body = bytes.byteLength > BODY_MAX ? undefined : parseJson(bytes).body
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalidField('body', 'is not read here: send none')
  const names = Object.keys(body)
  if (names.length > 0) throw invalidFields(names.map(name => unknownName(fieldAt([shownName(name)]), name, [])))
}

function parseJson(bytes: ArrayBuffer): { json: string; body: unknown } {
  try {
    const json = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return { json, body: JSON.parse(json) as unknown }
  } catch {
    throw invalidField('body', 'is not JSON in UTF-8')
  }
}
