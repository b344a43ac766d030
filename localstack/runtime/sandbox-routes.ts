import * as z from 'zod'
import { checkBody } from '#engine/http/body.ts'
import { HttpProblem } from '#engine/http/problem.ts'
import type { LedgerEntry, SandboxProvider } from '../sandbox/provider.ts'
import type { ExtraRoute } from './gateway/gateway.ts'
import type { Sources } from './sources.ts'

/** What the interface names of an entry, and no more. */
const shown = ({ key, orderId, amount, currency, status }: LedgerEntry) => ({ key, orderId, amount, currency, status })

const Mode = z.object({ mode: z.enum(['up', 'down', 'hang'], 'is one of up, down, hang') })
const Nothing = z.object({})

/** What the body says, or why it is refused: as strict as the API. Without a body it says nothing. */
function read<T>(body: unknown, schema: z.ZodType<T>): { outgoing: T } | { status: 400; detail: string } {
  try {
    return { outgoing: checkBody(typeof body === 'object' && body !== null ? body : {}, schema) }
  } catch (error) {
    if (error instanceof HttpProblem) return { status: 400, detail: error.details.detail }
    throw error
  }
}

/** The routes that only this machine has: the provider's ledger and its failures, and consumers that stand still. */
export const sandboxRoutes = (
  provider: Omit<SandboxProvider, 'stop'>,
  sources: () => Sources,
): readonly ExtraRoute[] => [
  {
    method: 'GET',
    path: '/sandbox/charges',
    handle: async () => ({ status: 200, body: { items: (await provider.charges()).map(shown) } }),
  },
  {
    method: 'POST',
    path: '/sandbox/provider',
    handle: async ({ body }) => {
      const mode = read(body, Mode)
      if ('status' in mode) return mode
      await provider.setMode(mode.outgoing.mode)
      return { status: 200, body: mode.outgoing }
    },
  },
  ...(['pause', 'resume'] as const).map(
    (action): ExtraRoute => ({
      method: 'POST',
      path: `/sandbox/consumers/{name}/${action}`,
      handle: async ({ params: { name = '' }, body }) => {
        const nothing = read(body, Nothing)
        if ('status' in nothing) return nothing
        return (await sources()[action](name))
          ? { status: 200, body: { name, status: action === 'pause' ? 'PAUSED' : 'RUNNING' } }
          : { status: 404, detail: `There is no consumer ${name}.` }
      },
    }),
  ),
]
