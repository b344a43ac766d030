import { hash } from 'node:crypto'
import * as z from 'zod'
import type { ApiContext } from './api.ts'
import { HttpProblem, invalidField } from './problem.ts'

const LIMIT_DEFAULT = 20
const LIMIT_MAX = 100
/** Characters of a cursor: longer ones are not ours. */
const CURSOR_MAX = 4_096

/** What may be one; whether it is one of this list's is seen when it is read. */
export const Cursor = z
  .string()
  .max(CURSOR_MAX)
  .regex(/^[A-Za-z0-9_-]+$/)

/** What a list takes in its query, for the documents. */
export const pageQuery = z.object({
  limit: z.int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT).describe('How many at most.'),
  cursor: Cursor.optional().describe('Of the answer before; left out: from the beginning.'),
})

/** A list's answer. */
export const pageOf = <Shown extends z.ZodType>(item: Shown) =>
  z.object({
    items: z.array(item),
    cursor: z.string().optional().describe('For the next page; there is none after the last one.'),
  })

/**
 * `limit` and `cursor` of a list. A cursor is opaque to clients; it holds what `Position` describes and never whose list
 * it is, so that nobody can page through another's. Throws 400 for either.
 */
export function readPage<Position>(
  c: ApiContext,
  position: z.ZodType<Position>,
): { limit: number; after: Position | undefined } {
  const limit = c.req.query('limit')
  if (limit !== undefined && !/^[1-9]\d{0,2}$/.test(limit)) throw limitProblem()
  if (Number(limit ?? LIMIT_DEFAULT) > LIMIT_MAX) throw limitProblem()
  const cursor = c.req.query('cursor')
  return {
    limit: Number(limit ?? LIMIT_DEFAULT),
    after: cursor === undefined ? undefined : decodeCursor(c, cursor, position),
  }
}

/** What of a request that is no query says which list it is of: the filters of a body. */
type Filters = Readonly<Record<string, unknown>>

/** A position in the list that is asked for, with what tells a cursor of another one. */
export function encodeCursor(c: ApiContext, position: unknown, filters: Filters = {}): string {
  const json = JSON.stringify(position)
  return Buffer.from(`${markOf(c, json, filters)}${json}`, 'utf8').toString('base64url')
}

/** Throws 400 `invalid-cursor` for what is no cursor of this list: cut, changed, of another query or another deployment. */
export function decodeCursor<Position>(
  c: ApiContext,
  cursor: string,
  position: z.ZodType<Position>,
  filters: Filters = {},
): Position {
  const text = Cursor.safeParse(cursor).success ? Buffer.from(cursor, 'base64url').toString('utf8') : ''
  const json = text.slice(MARK_LENGTH)
  // One text, one cursor: what decodes to the same bytes is still another.
  const isOurs = text !== '' && encodeCursor(c, parsedJson(json), filters) === cursor
  const parsed = isOurs ? position.safeParse(parsedJson(json)) : undefined
  if (parsed?.success) return parsed.data
  const message = 'is not one that this list gave; leave it out to start from the beginning'
  throw new HttpProblem('invalid-cursor', { detail: `cursor: ${message}`, errors: [{ field: 'cursor', message }] })
}

const MARK_LENGTH = 22
/**
 * Of the deployment, the list, who asks and the position. It is no signature, and needs no key: a cursor holds a place in
 * the asker's own list and nothing else, so who makes one up gets nothing that a request without one would not give.
 */
function markOf(c: ApiContext, json: string, filters: Filters): string {
  const query = [...new URL(c.req.url).searchParams]
    .filter(([name]) => name !== 'limit' && name !== 'cursor')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const { deployment = '' } = c.env
  const of = [deployment, c.req.method, c.req.path, query, filters, c.var.identity.sub, json]
  return hash('sha256', JSON.stringify(of), 'base64url').slice(0, MARK_LENGTH)
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const limitProblem = () => invalidField('limit', `is a whole number from 1 to ${LIMIT_MAX}`)
