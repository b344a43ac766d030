import * as z from 'zod'
import type { Route } from '../catalog/catalog.ts'

/** What `GET /health` answers, from the gateway itself. */
export const HEALTHY = { status: 'ok' } as const

/** The one route that needs no token and has no function. */
export const healthRoute = {
  name: 'health',
  method: 'GET',
  path: '/health',
  summary: 'Says that the API is up. It needs no token.',
  answers: [{ status: 200, description: 'It is.', schema: z.object({ status: z.literal(HEALTHY.status) }) }],
} as const satisfies Route
