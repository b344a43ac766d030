import type { Route } from '#shared/catalog.ts'

export const quoteRoutes: readonly Route[] = [
  { method: 'POST', path: '/quotes' },
  { method: 'POST', path: '/quotes/{quoteID}/approve' },
  { method: 'GET', path: '/quotes/{quoteID}' },
]
