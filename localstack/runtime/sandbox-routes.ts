import * as z from 'zod'
import type { LedgerEntry, SandboxProvider } from '../sandbox/provider.ts'
import type { ExtraRoute } from './gateway/gateway.ts'
import type { Sources } from './sources.ts'

/** What the interface names of an entry, and no more. */
const shown = ({ key, orderId, amount, currency, status }: LedgerEntry) => ({ key, orderId, amount, currency, status })

const Mode = z.object({ mode: z.enum(['up', 'down', 'hang']) })

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
      const parsed = Mode.safeParse(body)
      if (!parsed.success) return { status: 400, detail: 'mode: is one of up, down, hang' }
      await provider.setMode(parsed.data.mode)
      return { status: 200, body: parsed.data }
    },
  },
  ...(['pause', 'resume'] as const).map(
    (action): ExtraRoute => ({
      method: 'POST',
      path: `/sandbox/consumers/{name}/${action}`,
      handle: async ({ params: { name = '' } }) =>
        (await sources()[action](name))
          ? { status: 200, body: { name, status: action === 'pause' ? 'PAUSED' : 'RUNNING' } }
          : { status: 404, detail: `There is no consumer ${name}.` },
    }),
  ),
]
