/** The API of products: operators make them, everybody reads them. */
import { Id } from '#engine/http/ids.ts'
import { pageOf } from '#engine/http/paging.ts'
import { locationHeader, type Routes } from '#engine/http/route.ts'
import { words } from '#engine/http/words.ts'
import * as z from 'zod'

export const NAME_MAX = 200
const STOCK_MAX = 1_000_000_000
/** Minor units; a total of 20 lines of 1,000 stays exact. */
const AMOUNT_MAX = 100_000_000_000

const name = words(NAME_MAX)
const price = z
  .object({
    amount: z.int().min(0).max(AMOUNT_MAX),
    currency: z.string().regex(/^[A-Z]{3}$/, 'is a currency by ISO 4217: three capital letters'),
  })
  .describe('An integer of minor units (cents), and an ISO 4217 currency.')

export const NewProduct = z.object({
  productId: Id.optional().describe('One is made if it is left out.'),
  name,
  price,
  stock: z.int().min(0).max(STOCK_MAX),
})

/** A product as callers see it. */
export const ProductShown = z
  .object({ productId: Id, name, price, stock: z.int().describe('What is left: without what is reserved or sold.') })
  .meta({ id: 'Product' })

export const productRoutes = {
  createProduct: {
    method: 'POST',
    path: '/products',
    summary: 'Makes a product.',
    callers: 'operators',
    body: NewProduct,
    answers: [{ status: 201, description: 'The product.', schema: ProductShown, headers: [locationHeader] }],
    problems: ['conflict'],
  },
  listProducts: {
    method: 'GET',
    path: '/products',
    summary: 'Lists the products, by name.',
    callers: 'anyone',
    pages: true,
    answers: [{ status: 200, description: 'A page of products.', schema: pageOf(ProductShown) }],
  },
  showProduct: {
    method: 'GET',
    path: '/products/{productId}',
    summary: 'Shows a product.',
    callers: 'anyone',
    answers: [{ status: 200, description: 'The product.', schema: ProductShown }],
  },
} as const satisfies Routes
