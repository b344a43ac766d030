import type { Route } from '#shared/catalog.ts'

export const policyRoutes: readonly Route[] = [{ method: 'GET', path: '/policies/{policyID}' }]
