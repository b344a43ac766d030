import type { Route } from '#shared/catalog.ts'

export const customerRoutes: readonly Route[] = [
  { method: 'POST', path: '/customers' },
  { method: 'GET', path: '/customers/{customerId}' },
]
