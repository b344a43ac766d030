import type { Route } from '#shared/catalog.ts'
import type { Quoting } from '../../quoting.ts'

export const quoteRoutes = (quoting: Quoting): readonly Route[] => [
  { method: 'POST', path: '/quotes' },
  { method: 'POST', path: '/quotes/{quoteID}/approve' },
  { method: 'GET', path: '/quotes/{quoteID}' },
  ...(quoting === 'event-sourcing' ? [{ method: 'GET', path: '/quotes/{quoteID}/events' } as const] : []),
]
