import { describe, expect, it } from 'vitest'
import { withMade } from '../../../scripts/new/catalog-lines.ts'
import { CannotMake, namesOf } from '../../../scripts/new/names.ts'
import { sagaFiles } from '../../../scripts/new/saga-files.ts'
import { serviceFiles } from '../../../scripts/new/service-files.ts'
import { whatChanged } from '../../../scripts/update/what-changed.ts'

describe('a name for something new', () => {
  it('is taken apart at its dashes', () => {
    expect(namesOf('parcel-delivery')).toEqual({
      name: 'parcel-delivery',
      camel: 'parcelDelivery',
      pascal: 'ParcelDelivery',
    })
  })

  it.each([
    ['ParcelDelivery', 'parcel-delivery'],
    ['parcel_delivery', 'parcel-delivery'],
    ['parcel delivery', 'parcel-delivery'],
    ['2fast', 'fast'],
    ['-parcel-', 'parcel'],
    ['../../parcel', 'parcel'],
  ])('that is %s is refused, with one that would do: %s', (given, nearest) => {
    expect(() => namesOf(given)).toThrow(new RegExp(`is no name: .*, such as ${nearest}$`))
    expect(namesOf(nearest).name).toBe(nearest)
  })

  it.each(['', '---', 'ab', 'a'.repeat(41), 'saga', 'order-saga', 'order-api'])('%j is refused', given => {
    expect(() => namesOf(given)).toThrow(CannotMake)
  })

  it.each(['class', 'map', 'table', 'event', 'aggregate', 'decision', 'await'])(
    '%s may be one though it is a word of the language or of the engine',
    name => {
      const names = namesOf(name)
      for (const text of Object.values({ ...serviceFiles(names), ...sagaFiles(names, names) }))
        expect(text).not.toMatch(new RegExp(`(const|interface|function) (${name}|${names.pascal})\\b`))
    },
  )
})

describe("the catalog's lines", () => {
  const parcel = namesOf('parcel')
  const catalog = `import type { Catalog } from '#engine/catalog/catalog.ts'
import {
  something,
} from './other.ts'

export const catalogFor = (): Catalog => ({
  domains: [
    quotingDomain(quoting),
  ],
})
`
  it('are a domain of its own, and its imports', () => {
    const text = withMade(catalog, { service: parcel, saga: parcel })
    expect(text).toContain(`} from './other.ts'
import { topicPerAggregateAndKind } from '#engine/delivery/topics.ts'
import { parcelSaga } from './sagas/parcel/saga.ts'
import { parcelService } from './services/parcel/service.ts'
`)
    expect(text).toContain(`  domains: [
    {
      name: 'parcel',
      topicOf: topicPerAggregateAndKind,
      services: [parcelService],
      sagas: [parcelSaga],
    },
    quotingDomain(quoting),`)
  })

  it('say that nobody handles yet what a service alone publishes', () => {
    expect(withMade(catalog, { service: parcel })).toContain('ends: parcelAggregate.publishes,')
  })

  it('find an empty list too, and import nothing twice', () => {
    const empty = `import { topicPerAggregateAndKind } from '#engine/delivery/topics.ts'\n\nexport const all = {\n  domains: [],\n}\n`
    const text = withMade(empty, { service: parcel })
    expect(text.match(/import \{ topicPerAggregateAndKind/g)).toHaveLength(1)
    expect(text).toContain("name: 'parcel'")
  })

  it.each([['export const all = {}'], [`${catalog}${catalog}`]])('are refused where there is no such place', text => {
    expect(() => withMade(text, { service: parcel })).toThrow(/add it by hand/)
  })
})

describe('what an update changed', () => {
  it('is told by path, and what stayed is not', () => {
    const before = new Map([
      ['docs/a.md', '1'],
      ['docs/b.md', '1'],
      ['saga.lock.json', '{}'],
    ])
    const after = new Map([
      ['docs/a.md', '2'],
      ['docs/c.md', '1'],
      ['saga.lock.json', '{}'],
    ])
    expect(whatChanged(before, after)).toEqual(['changed docs/a.md', 'removed docs/b.md', 'new docs/c.md'])
    expect(whatChanged(before, before)).toEqual([])
  })
})
