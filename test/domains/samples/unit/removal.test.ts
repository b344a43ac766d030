import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalogWithout } from '../../../../scripts/samples/catalog-without.ts'
import { without } from '../../../../scripts/samples/locks.ts'
import { pageWithout } from '../../../../scripts/samples/pages.ts'
import { standingOn } from '../../../../scripts/samples/standing-on.ts'

const root = join(import.meta.dirname, '../../../..')

describe('the catalog without the samples', () => {
  const goes = (path: string) => /^lambdas\/(quoting\.ts|(sagas|services)\/(order|quoting|payment|product))/.test(path)

  it('has only domains of one’s own, nothing to choose, and no import that nothing needs', async () => {
    const text = await readFile(join(root, 'lambdas/catalog.ts'), 'utf8')
    const left = catalogWithout(text, goes)
    const namesIn = (catalog: string) => [...catalog.matchAll(/\bname: '([^']+)'/g)].map(([, name]) => name)
    const inOrders = (/name: 'orders',[^}]*\}/.exec(text)?.[0] ?? '').match(/\w+(Service|Saga)\b/g) ?? []
    const samples = ['orderService', 'productService', 'paymentService', 'orderSaga']
    const stays = inOrders.some(name => !samples.includes(name))
    const own = namesIn(text).filter(name => name !== 'orders' || stays)
    expect(namesIn(left)).toEqual(own)
    expect(left).not.toMatch(/sagas\/order\/|services\/(order|product|payment)\/|quoting/)
    // What all domains share goes with the last one.
    expect(left.includes('topicPerAggregateAndKind')).toBe(own.length > 0)
    expect(left).toMatch(/choices = \{ *\} as const/)
    expect(left).toContain('(_chosen: Chosen)')
  })

  it('keeps a domain, a service and a saga that are somebody else’s, in a domain of the samples too', () => {
    const left = catalogWithout(
      `import { topicPerAggregateAndKind } from '#engine/delivery/topics.ts'
import { orderSaga } from './sagas/order/saga.ts'
import { parcelSaga } from './sagas/parcel/saga.ts'
import {
  orderService,
  type OrderSettings,
} from './services/order/service.ts'
import { reorderService } from './services/reorder/service.ts'
export const domains = [
  { name: 'orders', topicOf: topicPerAggregateAndKind, services: [orderService, reorderService], sagas: [orderSaga] },
  { name: 'parcel', topicOf: topicPerAggregateAndKind, services: [], sagas: [parcelSaga] },
]
`,
      goes,
    )
    expect(left.replaceAll(/\s+/g, ' ')).toBe(
      `import { topicPerAggregateAndKind } from '#engine/delivery/topics.ts'
import { parcelSaga } from './sagas/parcel/saga.ts'
import { reorderService } from './services/reorder/service.ts'
export const domains = [
  { name: 'orders', topicOf: topicPerAggregateAndKind, services: [reorderService], sagas: [] },
  { name: 'parcel', topicOf: topicPerAggregateAndKind, services: [], sagas: [parcelSaga] },
]
`.replaceAll(/\s+/g, ' '),
    )
  })
})

describe('what stands on the samples', () => {
  const texts = new Map([
    ['lambdas/sagas/order/saga.ts', ''],
    ['lambdas/catalog.ts', "import { orderSaga } from './sagas/order/saga.ts'"],
    ['test/support/world.ts', "import { orderSaga } from '../../lambdas/sagas/order/saga.ts'"],
    ['test/unit/world.test.ts', "import { world } from '../support/world.ts'"],
    ['test/unit/catalog.test.ts', "import { domains } from '../../lambdas/catalog.ts'"],
    ['lambdas/sagas/own/saga.ts', "export { orderSaga } from '../order/saga.ts'"],
  ])

  it('is found through others too, but not through what is made anew', () => {
    const found = standingOn(new Set(['lambdas/sagas/order/saga.ts']), texts, new Set(['lambdas/catalog.ts']))
    expect([...found]).toEqual([
      ['test/support/world.ts', 'lambdas/sagas/order/saga.ts'],
      ['test/unit/world.test.ts', 'test/support/world.ts'],
      ['lambdas/sagas/own/saga.ts', 'lambdas/sagas/order/saga.ts'],
    ])
  })
})

describe('a lock without the samples', () => {
  it('loses what was asked for and is not any more, and keeps what a person keeps', () => {
    const lock = { 'order@1': 1, 'parcel@1': 2, 'old@1': 3 }
    expect(without(lock, { 'order@1': true, 'parcel@1': true }, { 'parcel@1': true }, 0)).toEqual({
      'parcel@1': 2,
      'old@1': 3,
    })
    expect(without({ dev: lock }, { dev: { 'order@1': true } }, {}, 1)).toEqual({ dev: { 'parcel@1': 2, 'old@1': 3 } })
  })
})

describe('a page without the samples', () => {
  const gone = {
    path: (path: string) =>
      ['docs/one-order.md', 'test/mutants', 'lambdas/quoting.ts'].includes(path.replace(/\/$/, '')),
    command: (name: string) => name === 'mutants',
  }
  const page = [
    'Begin with [one order](../one-order.md#the-feed), and [see](https://example.com/docs/one-order.md).',
    '- `npm run mutants` takes out one rule after another',
    '| `test/mutants/` | mutants |',
    '- `lambdas/catalog.ts` stays',
    'A mutant in `test/mutants/` is killed by `npm run mutants -- --only x`; `lambdas/quoting.ts` chose.',
  ].join('\n')

  it('has no link, no row and no command of what is gone', () => {
    expect(pageWithout('docs/how-to/x.md', page, gone)).toBe(
      [
        'Begin with one order, and [see](https://example.com/docs/one-order.md).',
        '- `lambdas/catalog.ts` stays',
        'A mutant in test/mutants/ is killed by `mutants -- --only x`; lambdas/quoting.ts chose.',
      ].join('\n'),
    )
  })

  it('that is a record keeps its lines', () => {
    expect(pageWithout('docs/adr/x.md', page, gone, { asWritten: true }).split('\n')).toHaveLength(5)
  })
})
