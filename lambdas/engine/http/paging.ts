import * as z from 'zod'
import type { ApiContext } from './api.ts'
import { invalidField } from './problem.ts'

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
    after: cursor === undefined ? undefined : decodeCursor(cursor, position),
  }
}

export const encodeCursor = (position: unknown): string =>
  Buffer.from(JSON.stringify(position), 'utf8').toString('base64url')

/** Throws 400 for what is no cursor of this list. */
export function decodeCursor<Position>(cursor: string, position: z.ZodType<Position>): Position {
  try {
    return position.parse(JSON.parse(Buffer.from(Cursor.parse(cursor), 'base64url').toString('utf8')))
  } catch {
    throw invalidField('cursor', 'is not one that this list gave; leave it out to start from the beginning')
  }
}

const limitProblem = () => invalidField('limit', `is a whole number from 1 to ${LIMIT_MAX}`)
