import * as z from 'zod'
import type { ApiContext } from './api.ts'
import { invalidField } from './problem.ts'

/** What an id looks like, wherever a caller may choose or name one. */
export const Id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'is 1 to 64 letters, digits, _ or -')

/** An id in the path. Throws 400 for what can't be one. */
export function idParam(c: ApiContext, name: string): string {
  const parsed = Id.safeParse(c.req.param(name))
  if (!parsed.success) throw invalidField(name, parsed.error.issues[0]?.message ?? 'is not an id')
  return parsed.data
}
