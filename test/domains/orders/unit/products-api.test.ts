import { beforeEach, describe, expect, test } from 'vitest'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import type { Store } from '#engine/model/ports.ts'
import { createProductApi } from '../../../../lambdas/services/product/api.ts'
import { productsTable } from '../../../../lambdas/services/product/tables.ts'
import { type Call, gatewayTo, recordedLog } from '../../../support/http.ts'

const coffee = { productId: 'coffee', name: 'Coffee', price: { amount: 450, currency: 'EUR' }, stock: 10 }
let call: ReturnType<typeof gatewayTo>
let store: Store
beforeEach(() => {
  store = memoryStore([productsTable])
  let ids = 0
  call = gatewayTo(createProductApi({ store, log: recordedLog(), newId: () => `random-${++ids}` }))
})
const make = (body: unknown, more: Partial<Call> = {}) =>
  call({ method: 'POST', path: '/products', sub: 'olga', groups: 'operators', body, ...more })

describe('POST /products', () => {
  test('makes a product under the id that it is given, and shows it to anyone', async () => {
    const made = await make(coffee)
    expect(made).toMatchObject({ status: 201, body: coffee, headers: { location: '/products/coffee' } })
    expect(Object.keys(made.body)).toEqual(['productId', 'name', 'price', 'stock'])
    expect(await call({ path: '/products/coffee', sub: 'anyone' })).toMatchObject({ status: 200, body: coffee })
  })

  test('makes up an id when it is given none', async () => {
    const { productId: _, ...withoutId } = coffee
    expect(await make(withoutId)).toMatchObject({ status: 201, body: { productId: 'random-1' } })
  })

  test('the same id again is a conflict and changes nothing', async () => {
    await make(coffee)
    expect(await make({ ...coffee, stock: 99 })).toMatchObject({
      status: 409,
      body: { type: 'urn:recourse:problem:conflict' },
    })
    expect((await call({ path: '/products/coffee' })).body).toEqual(coffee)
  })

  test('is for operators', async () => {
    for (const groups of [undefined, 'customers', 'not-operators'])
      expect(await make(coffee, groups === undefined ? { sub: 'bob', groups: '' } : { groups })).toMatchObject({
        status: 403,
        body: { type: 'urn:recourse:problem:forbidden' },
      })
    expect((await call({ path: '/products/coffee' })).status).toBe(404)
    expect((await make(coffee, { groups: 'customers,operators' })).status).toBe(201)
  })

  test.each([
    ['name', { ...coffee, name: '' }],
    ['name', { ...coffee, name: 'n'.repeat(201) }],
    ['name', { ...coffee, name: undefined }],
    ['productId', { ...coffee, productId: 'a b' }],
    ['productId', { ...coffee, productId: 'x'.repeat(65) }],
    ['price', { ...coffee, price: 4.5 }],
    ['price.amount', { ...coffee, price: { amount: -1, currency: 'EUR' } }],
    ['price.amount', { ...coffee, price: { amount: 4.5, currency: 'EUR' } }],
    ['price.amount', { ...coffee, price: { amount: '450', currency: 'EUR' } }],
    ['price.currency', { ...coffee, price: { amount: 1, currency: 'eur' } }],
    ['price.currency', { ...coffee, price: { amount: 1, currency: 'EURO' } }],
    ['stock', { ...coffee, stock: -1 }],
    ['stock', { ...coffee, stock: 1.5 }],
    ['stock', { ...coffee, stock: 1_000_000_001 }],
  ])('names the wrong field: %s', async (field, body) => {
    const answer = await make(body)
    expect(answer).toMatchObject({ status: 400, body: { type: 'urn:recourse:problem:invalid' } })
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toEqual([field])
  })
})

describe('GET /products', () => {
  const names = (answer: { body: { items: { name: string }[] } }) => answer.body.items.map(({ name }) => name)

  test('pages through all of them by name', async () => {
    for (const name of ['Tea', 'Apple', 'Milk', 'Bread', 'Salt'])
      await make({ ...coffee, productId: name.toLowerCase(), name })
    const first = await call({ path: '/products?limit=2' })
    const second = await call({ path: `/products?limit=2&cursor=${first.body.cursor}` })
    const third = await call({ path: `/products?limit=2&cursor=${second.body.cursor}` })
    expect([names(first), names(second), names(third)]).toEqual([['Apple', 'Bread'], ['Milk', 'Salt'], ['Tea']])
    expect(third.body).not.toHaveProperty('cursor')
  })

  test('gives twenty unless told', async () => {
    for (let i = 0; i < 21; i++) await make({ ...coffee, productId: `p${i}` })
    expect((await call({ path: '/products' })).body.items).toHaveLength(20)
    expect((await call({ path: '/products?limit=100' })).body.items).toHaveLength(21)
  })

  test.each([
    'limit=0',
    'limit=-1',
    'limit=101',
    'limit=ten',
    'limit=1.5',
    'limit=',
    'cursor=nonsense',
    'cursor=W10',
    'cursor=',
  ])('refuses ?%s', async query => {
    const answer = await call({ path: `/products?${query}` })
    expect(answer).toMatchObject({
      status: 400,
      body: {
        type: `urn:recourse:problem:${query.startsWith('cursor') ? 'invalid-cursor' : 'invalid'}`,
        errors: [{ field: query.split('=')[0] }],
      },
    })
  })
})

test('GET /products/{productId} that is not there is 404', async () => {
  expect(await call({ path: '/products/nothing' })).toMatchObject({
    status: 404,
    headers: { 'content-type': 'application/problem+json', 'x-request-id': 'request-1' },
    body: { type: 'urn:recourse:problem:not-found', status: 404, requestId: 'request-1' },
  })
})
