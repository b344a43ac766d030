import type * as z from 'zod'
import type { ApiContext } from './api.ts'
import { type FieldError, HttpProblem, invalidField } from './problem.ts'

/** Bytes of a request's body. */
export const BODY_MAX = 64 * 1024
/** How many wrong fields a problem document names. */
const ERRORS_MAX = 20

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
  const parsed = schema.safeParse(parseJson(bytes))
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.slice(0, ERRORS_MAX).map(fieldErrorOf)
  throw new HttpProblem('invalid', { detail: errors.map(e => `${e.field}: ${e.message}`).join('; '), errors })
}

function parseJson(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw invalidField('body', 'is not JSON in UTF-8')
  }
}

function fieldErrorOf({ path, message }: z.core.$ZodIssue): FieldError {
  const field = path.reduce<string>(
    (at, part) => (typeof part === 'number' ? `${at}[${part}]` : at === '' ? String(part) : `${at}.${String(part)}`),
    '',
  )
  return { field: field === '' ? 'body' : field, message }
}
