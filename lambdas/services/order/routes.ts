import type { Route } from '#shared/catalog.ts'

export const orderRoutes: readonly Route[] = [
  { method: 'POST', path: '/orders' },
  { method: 'GET', path: '/orders' },
  { method: 'GET', path: '/orders/{orderId}' },
  { method: 'GET', path: '/orders/{orderId}/history' },
]
