import * as z from 'zod'
import type { Route } from '#shared/catalog.ts'
import { createApi } from '#shared/http/api.ts'
import { readBody } from '#shared/http/body.ts'
import { requireOperator } from '#shared/http/identity.ts'
import { lambdaHandler, type ProxyEvent, type ProxyResult } from '#shared/http/lambda.ts'
import type { Log } from '#shared/ports.ts'
import type { SandboxProvider } from './provider.ts'

/** A route of the local gateway that has no function in AWS: called with the same event, after the same check of the token. */
export interface LocalRoute extends Route {
  readonly handler: (event: ProxyEvent) => Promise<ProxyResult>
}

/**
 * For operators: `GET /sandbox/charges` → `{items: [{key, orderId, amount, currency, status}]}`, the provider's ledger, and
 * `POST /sandbox/provider {mode: up|down|hang}` → `{mode}`, to try failures.
 */
export function sandboxRoutes(provider: Pick<SandboxProvider, 'charges' | 'setMode'>, log: Log): readonly LocalRoute[] {
  const app = createApi(log)
  app.use(async (c, next) => {
    requireOperator(c.var.identity)
    await next()
  })
  app.get('/sandbox/charges', async c => {
    const items = await provider.charges()
    return c.json({
      items: items.map(({ key, orderId, amount, currency, status }) => ({ key, orderId, amount, currency, status })),
    })
  })
  app.post('/sandbox/provider', async c => {
    const { mode } = await readBody(c, Mode)
    await provider.setMode(mode)
    return c.json({ mode })
  })
  const handler = lambdaHandler(app)
  return [
    { method: 'GET', path: '/sandbox/charges', handler },
    { method: 'POST', path: '/sandbox/provider', handler },
  ]
}

const Mode = z.object({ mode: z.enum(['up', 'down', 'hang']) })
