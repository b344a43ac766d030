import type { Route } from '#shared/catalog.ts'

export const productRoutes: readonly Route[] = [
  { method: 'POST', path: '/products' },
  { method: 'GET', path: '/products' },
  { method: 'GET', path: '/products/{productId}' },
]
