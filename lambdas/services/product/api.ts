import * as z from 'zod'
import { type ApiContext, createApi } from '#engine/http/api.ts'
import { readBody } from '#engine/http/body.ts'
import type { ApiPorts } from '#engine/http/api-ports.ts'
import { Id, idParam } from '#engine/http/ids.ts'
import { encodeCursor, readPage } from '#engine/http/paging.ts'
import { HttpProblem, notFound } from '#engine/http/problem.ts'
import { serve, showing } from '#engine/http/route.ts'
import type { Store } from '#engine/model/ports.ts'
import { NAME_MAX, ProductShown, productRoutes } from './routes.ts'
import { productsTable, SHELF } from './tables.ts'

/** `POST /products` (operators), `GET /products`, `GET /products/{productId}`. */
export function createProductApi({ store, log, newId }: Pick<ApiPorts, 'store' | 'log' | 'newId'>) {
  return serve(createApi(log), productRoutes, {
    createProduct: c => createProduct(c, store, newId),
    listProducts: c => listProducts(c, store),
    showProduct: c => showProduct(c, store),
  })
}

async function createProduct(c: ApiContext, store: Store, newId: () => string): Promise<Response> {
  const { productId = newId(), ...product } = await readBody(c, productRoutes.createProduct.body)
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
    ...(page.next && { cursor: encodeCursor(c, [page.next['name'], page.next['productId']]) }),
  })
}

async function showProduct(c: ApiContext, store: Store): Promise<Response> {
  const productId = idParam(c, 'productId')
  const [item] = await store.read([refOf(productId)])
  if (!item) throw notFound(`The product ${productId}`)
  return c.json(shown(item))
}

const refOf = (productId: string) => ({ table: productsTable.name, key: { productId } })

const shown = showing(ProductShown)
