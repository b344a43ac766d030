import { expect, test } from 'vitest'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../../../lambdas/catalog.ts'
import { quotings } from '../../../../lambdas/quoting.ts'

test.each(quotings)('with quoting as %s the deployment tells the API of every function that reads topics', quoting => {
  const { functions } = readCatalog(catalogFor({ quoting }))
  const read = functions.filter(({ sources }) => sources.length > 0)
  const told = functions.flatMap(({ name, consumers }) => (consumers ? [[name, consumers]] : []))
  expect(told).toEqual([
    ['operations', Object.fromEntries(read.map(({ name, sources }) => [name, sources.map(({ topic }) => topic)]))],
  ])
})
