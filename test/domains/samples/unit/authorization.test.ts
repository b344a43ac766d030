/** Every published route as everybody: through the local gateway, which checks tokens, to the APIs that are deployed. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../../../lambdas/catalog.ts'
import { quotings } from '../../../../lambdas/quoting.ts'
import { askAsEverybody, expectedOf, operationsOf } from '../../../support/authorization.ts'
import { operations } from '../../../support/published-api.ts'
import { wholeApi, type WholeApi } from '../whole-api.ts'

const key = new Uint8Array(randomBytes(32))
let api: WholeApi
// The wiring that has every route.
beforeAll(async () => void (api = await wholeApi('event-sourcing', key)))
afterAll(() => api.stop())

test.each(operationsOf('event-sourcing'))('$method $path answers each as $callers ask for', async operation => {
  expect(await askAsEverybody(operation, { ...api, key })).toEqual(await expectedOf(operation, key))
  expect(api.complaints).toEqual([])
})

test('the document has every route that is deployed, in every wiring', () => {
  const deployed = quotings.flatMap(quoting =>
    readCatalog(catalogFor({ quoting })).functions.flatMap(fn =>
      fn.routes.map(({ method, path }) => `${method} ${path}`),
    ),
  )
  const published = operations.map(({ method, path }) => `${method} ${path}`).filter(route => route !== 'GET /health')
  expect(published.toSorted()).toEqual([...new Set(deployed)].toSorted())
  expect(operationsOf('event-sourcing')).toHaveLength(operations.length)
})
