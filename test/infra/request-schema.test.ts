import { Ajv } from 'ajv'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Route } from '#engine/catalog/catalog.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { quotings } from '../../lambdas/quoting.ts'
import { requestSchemaOf } from '../../lib/request-schema.ts'
import { valuesOf } from '../support/schema-values.ts'

const routes = new Map(
  quotings
    .flatMap(quoting => readCatalog(catalogFor({ quoting })).functions.flatMap(fn => fn.routes))
    .filter(({ body }) => body)
    .map(route => [route.name ?? route.path, route]),
)
const because = { reason: 'the provider was away' }
/** Bodies that the function takes: the least of it, and all of it. For a route that is not here some are made of its schema. */
const byHand: Readonly<Record<string, readonly object[]>> = {
  placeOrder: [{ items: [{ productId: 'tea', quantity: 2 }], paymentMethod: 'tok_visa' }],
  createProduct: [
    { name: 'Tea', price: { amount: 450, currency: 'EUR' }, stock: 0 },
    { productId: 'tea', name: 'Tea', price: { amount: 0, currency: 'EUR' }, stock: 10 },
  ],
  createQuote: [
    { customerId: 'c-1', premium: 12.5 },
    { quoteID: 'q-1', customerId: 'c-1', premium: 1 },
  ],
  createCustomer: [{ name: 'Olga' }, { customerId: 'c-1', name: 'Olga' }],
  retrySaga: [because],
  abortSaga: [because],
  resolveSaga: [
    { ...because, outcome: 'refused' },
    { ...because, outcome: 'done', reply: { paymentId: 'p', nested: [1] } },
  ],
  redriveDeadLetter: [because],
  discardDeadLetter: [because],
  redriveDeadLetters: [
    { ...because, all: true },
    { ...because, topic: 'orders-events', only: { reason: 'POISON', from: '2026-11-01T00:00:00Z' }, limit: 50 },
  ],
}

/** Of what the schema allows, those that the route's own check takes too: it may refuse more than a schema can say. */
function bodiesOf(name: string, { body }: Route): readonly object[] {
  const { $schema: _, ...schema } = z.toJSONSchema(body as z.ZodType, { io: 'input', reused: 'inline' })
  const made = byHand[name] ?? (fc.sample(valuesOf(schema), { numRuns: 200, seed: 1 }) as object[])
  return made.filter(one => byHand[name] || (body as z.ZodType).safeParse(one).success)
}
const takes = (route: Route) => new Ajv({ strict: false }).compile(requestSchemaOf(route.body!, route.path))

describe('what API Gateway takes as a body', () => {
  it('is tried for every route that has one', () => {
    for (const [name, route] of routes)
      expect(bodiesOf(name, route).length, `a body of ${name}: list one in byHand`).toBeGreaterThan(0)
  })

  it.each([...routes.keys()])('is what %s takes', name => {
    const route = routes.get(name) as Route
    for (const body of bodiesOf(name, route)) {
      expect((route.body as z.ZodType).safeParse(body).success, JSON.stringify(body)).toBe(true)
      expect(takes(route)(body), JSON.stringify(body)).toBe(true)
      // A field that nobody knows is the function's to judge, and passes wherever it passes there.
      if ((route.body as z.ZodType).safeParse({ ...body, more: 1 }).success)
        expect(takes(route)({ ...body, more: 1 })).toBe(true)
    }
  })

  it.each([...routes.keys()])('of %s is no other shape', name => {
    const valid = takes(routes.get(name) as Route)
    for (const body of [{}, [], 'text', null]) expect(valid(body), JSON.stringify(body)).toBe(false)
  })

  it('says nothing that draft 4 does not know, and refers to nothing', () => {
    for (const route of routes.values()) {
      const text = JSON.stringify(requestSchemaOf(route.body!, route.path))
      expect(text).not.toMatch(/"(\$ref|const|\$defs|definitions|propertyNames|if|then)":/)
    }
  })

  it('can not be made of a schema that refers to itself', () => {
    const tree: z.ZodType = z.lazy(() => z.object({ inner: tree.optional() }).meta({ id: 'Tree' }))
    expect(() => requestSchemaOf(z.object({ tree }), 'POST /trees')).toThrow()
  })
})
