/** How routes are served: from the same definitions that API Gateway's routes and the OpenAPI document are made of. */
import type { Hono } from 'hono'
import * as z from 'zod'
import type { Callers, HeaderField, Route } from '../catalog/catalog.ts'
import type { Item } from '../model/ports.ts'
import type { ApiContext, ApiEnv } from './api.ts'
import { refuseBody } from './body.ts'
import { requireOperator } from './identity.ts'
import { type FieldError, invalidFields } from './problem.ts'
import { queryErrors, queryNames } from './query.ts'
import { isEncodedText, isHeaderText, noText } from './text.ts'

/** The routes of a service by name: `{placeOrder: {method: 'POST', path: '/orders', …}}`. */
export type Routes = Readonly<Record<string, Route>>

/** As the catalog lists them. */
export const routesOf = (routes: Routes): readonly Route[] =>
  Object.entries(routes).map(([name, route]) => ({ name, ...route }))

/**
 * Gives each route its handler. Operators' routes answer everybody else with 403 before it is called, and so do those that
 * do not say whose they are. What belongs to its owner is the handler's to find out. What the route does not declare is 400
 * before the handler is called, so that no handler can leave it out.
 */
export function serve<Named extends Routes>(
  app: Hono<ApiEnv>,
  routes: Named,
  handlers: { readonly [Name in keyof Named]: (c: ApiContext) => Response | Promise<Response> },
): Hono<ApiEnv> {
  for (const [name, route] of Object.entries<Route>(routes))
    app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), async c => {
      if (callersOf(route) === 'operators') requireOperator(c.var.identity)
      const errors = outsideErrors(c, route)
      if (errors.length > 0) throw invalidFields(errors)
      if (route.method !== 'GET' && !route.body) refuseBody(await c.req.arrayBuffer())
      return handlers[name]!(c)
    })
  return app
}

/** What is wrong with a request beside its body: its path, its query, and the headers that the route reads. */
function outsideErrors(c: ApiContext, route: Route): FieldError[] {
  const { pathname, searchParams } = new URL(c.req.url)
  const segments = pathname.split('/')
  return [
    ...route.path.split('/').flatMap((part, i) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1]
      return name === undefined || isEncodedText(segments[i] ?? '') ? [] : [noText(name)]
    }),
    ...queryErrors(searchParams, queryNames(route)),
    ...(route.headers ?? []).flatMap(({ name }) => (isHeaderText(c.req.header(name) ?? '') ? [] : [noText(name)])),
  ]
}

/** A route that does not say whose it is is for operators. */
export const callersOf = ({ callers = 'operators' }: Pick<Route, 'callers'>): Callers => callers

/** Shows an item as the answer's schema has it: its fields and no others. Those without a value are left out. */
export function showing(schema: z.ZodObject): (item: Item) => Item {
  const fields = Object.keys(schema.shape)
  return item =>
    Object.fromEntries(
      fields.flatMap(field => {
        const value = item[field]
        return value === undefined ? [] : [[field, value]]
      }),
    )
}

export const locationHeader: HeaderField = {
  name: 'location',
  description: 'Where it can be read: a path of this host, with the stage before it where there is one.',
  schema: z.string(),
}
export const retryAfterHeader: HeaderField = {
  name: 'retry-after',
  description: 'Seconds after which to look again.',
  schema: z.int(),
}
