import * as z from 'zod'
import { type ApiContext, createApi } from '#shared/http/api.ts'
import { readBody } from '#shared/http/body.ts'
import type { ApiPorts } from '#shared/http/function.ts'
import { Id, idParam } from '#shared/http/ids.ts'
import { requireOperator } from '#shared/http/identity.ts'
import { encodeCursor, readPage } from '#shared/http/paging.ts'
import { HttpProblem, notFound } from '#shared/http/problem.ts'
import type { Item, Store } from '#shared/ports.ts'
import { productsTable, SHELF } from './tables.ts'

/** `POST /products` (operators), `GET /products`, `GET /products/{productId}`. */
export function createProductApi({ store, log, newId }: Pick<ApiPorts, 'store' | 'log' | 'newId'>) {
  const app = createApi(log)
  app.post('/products', c => createProduct(c, store, newId))
  app.get('/products', c => listProducts(c, store))
  app.get('/products/:productId', c => showProduct(c, store))
  return app
}

const NAME_MAX = 200
const STOCK_MAX = 1_000_000_000
/** Minor units; a total of 20 lines of 1,000 stays exact. */
const AMOUNT_MAX = 100_000_000_000

const NewProduct = z.object({
  productId: Id.optional(),
  name: z.string().trim().min(1).max(NAME_MAX),
  price: z.object({
    amount: z.int().min(0).max(AMOUNT_MAX),
    currency: z.string().regex(/^[A-Z]{3}$/, 'is a currency by ISO 4217: three capital letters'),
  }),
  stock: z.int().min(0).max(STOCK_MAX),
})

async function createProduct(c: ApiContext, store: Store, newId: () => string): Promise<Response> {
  requireOperator(c.var.identity)
  const { productId = newId(), ...product } = await readBody(c, NewProduct)
  // The request's id tells a repetition of this very write from another request for the same product.
  const item = { productId, ...product, shelf: SHELF, request: c.env.requestId, version: 1 }
  const [result] = await store.commit([{ ref: refOf(productId), previous: undefined, item }])
  if (result?.outcome === 'lost')
    throw new HttpProblem('conflict', { detail: `A product ${productId} exists already: choose another productId.` })
  if (result?.outcome !== 'committed') throw result?.error ?? new Error('the store gave no result')
  c.header('location', `/products/${productId}`)
  return c.json(shown(item), 201)
}

/** A cursor's content: the last product's name and id. */
const Position = z.tuple([z.string().min(1).max(NAME_MAX), Id])

async function listProducts(c: ApiContext, store: Store): Promise<Response> {
  const { limit, after } = readPage(c, Position)
  const page = await store.query({
    table: productsTable.name,
    index: 'byName',
    partition: { field: 'shelf', value: SHELF },
    limit,
    ...(after && { after: { shelf: SHELF, name: after[0], productId: after[1] } }),
  })
  const items = await store.read(page.items.map(({ productId }) => refOf(productId as string)))
  return c.json({
    items: items.filter(item => item !== undefined).map(shown),
    ...(page.next && { cursor: encodeCursor([page.next['name'], page.next['productId']]) }),
  })
}

async function showProduct(c: ApiContext, store: Store): Promise<Response> {
  const productId = idParam(c, 'productId')
  const [item] = await store.read([refOf(productId)])
  if (!item) throw notFound(`The product ${productId}`)
  return c.json(shown(item))
}

const refOf = (productId: string) => ({ table: productsTable.name, key: { productId } })

/** A product as callers see it. */
const shown = ({ productId, name, price, stock }: Item) => ({ productId, name, price, stock })
