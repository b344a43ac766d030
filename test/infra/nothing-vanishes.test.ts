/**
 * Every record is handled, or a dead letter, or known by every consumer of its topic as another's: with the event sources
 * that are synthesized, their filters evaluated as Lambda does, and with what each consumer knows of the topic.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { vocabularyOf } from '#engine/adapters/lambda/kafka-handler.ts'
import { parseRecord } from '#engine/delivery/envelope.ts'
import type { Catalog } from '#engine/catalog/catalog.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { readCloudAssembly } from '../../localstack/runtime/template/cloud-assembly.ts'
import { planOf } from '../../localstack/runtime/template/plan.ts'
import { passes } from '../../localstack/runtime/kafka/event.ts'
import { catalogOf } from '../example/kiosk.ts'
import { held, libraryFor } from '../example/library.ts'
import { describeStage } from './fixtures/synthesized.ts'

const catalogs: readonly (readonly [name: string, catalog: Catalog])[] = [
  ...held.flatMap(how => [
    [`ours, ${how}`, catalogFor({ quoting: how })] as const,
    [`the library, ${how}`, libraryFor(how)] as const,
  ]),
  ['the kiosk', catalogOf()],
]

/** Who reads each topic: its filters, and what it knows. */
function readersOf(catalog: Catalog) {
  const wiring = readCatalog(catalog)
  const environment = Object.fromEntries(
    wiring.functions.flatMap(one => one.environment.filter(name => name !== 'QUOTING').map(name => [name, 'x'])),
  )
  const { directory } = describeStage({ wiring, settings: { environment } }).app.synth()
  const filters = new Map(planOf(readCloudAssembly(directory)).kafkaSources.map(one => [one.groupId, one.filters]))
  const contracts = wiring.messages.map(({ message }) => message)
  return Map.groupBy(
    wiring.functions.flatMap(({ name, sources }) => {
      const know = vocabularyOf(
        contracts,
        Object.fromEntries(sources.map(({ topic, ...known }) => [topic, known])) as never,
      )
      return sources.map(({ topic }) => {
        const group = `dev-${name}.${topic}`
        const found = filters.get(group)
        if (!found) throw new Error(`${group} is not among the event sources`)
        return { topic, filters: found, vocabulary: know(topic) }
      })
    }),
    ({ topic }) => topic,
  )
}

const text = (json: string, as: 'utf8' | 'bom' | 'utf16' | 'utf16-bom' | 'latin1') => {
  switch (as) {
    case 'utf8':
      return Buffer.from(json)
    case 'bom':
      return Buffer.from(`\ufeff${json}`)
    case 'utf16':
      return Buffer.from(json, 'utf16le')
    case 'utf16-bom':
      return Buffer.from(`\ufeff${json}`, 'utf16le').swap16()
    case 'latin1':
      return Buffer.from(json, 'latin1')
  }
}
const encoding = fc.constantFrom('utf8', 'bom', 'utf16', 'utf16-bom', 'latin1')

describe.each(catalogs)('of %s', (_, catalog) => {
  const readers = readersOf(catalog)
  const types = readCatalog(catalog).messages.map(({ type }) => type)

  it.each([...readers.keys()])('%s loses no record', topic => {
    const there = readers.get(topic) ?? []
    const type = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...types) },
      fc.constantFrom<unknown>('NobodyKnows', '', null, 7, [types[0]], { a: types[0] }, 'Ünknown', '\ud83d'),
    )
    const body = fc.record(
      {
        commandType: type,
        eventType: type,
        commandID: fc.constant('c-1'),
        eventID: fc.constantFrom<unknown>('e-1', 1),
        orderId: fc.constantFrom<unknown>('o1', 'é', null),
        quoteID: fc.constant('q1'),
        loanId: fc.constant('l1'),
        data: fc.oneof(fc.constant({}), fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
      },
      { requiredKeys: [] },
    )
    const json = fc.oneof(
      { weight: 8, arbitrary: body.map(fields => JSON.stringify(fields)) },
      fc.constantFrom('', '[]', 'null', '{', `[{"commandType":"${types[0]}"}]`, `"${types[0]}"`, '{"eventType":NaN}'),
      // A name that is there twice: the last one counts for us, and who knows for others.
      fc
        .tuple(fc.constantFrom(...types), fc.constantFrom(...types))
        .map(([one, other]) => `{"eventType":"${one}","eventType":"${other}"}`),
    )
    const value = fc.oneof(
      { weight: 8, arbitrary: fc.tuple(json, encoding).map(([one, as]) => text(one, as)) },
      fc.constant(null),
      fc.uint8Array({ maxLength: 9 }).map(bytes => Buffer.from(bytes)),
    )
    const header = fc.record({
      name: fc.constantFrom('ce_type', 'CE_TYPE', 'ce_id', 'sagaid'),
      value: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...types).map(one => Buffer.from(one)) },
        fc.constant(null),
        fc.constantFrom('', 'NobodyKnows').map(one => Buffer.from(one)),
        fc.constant(Buffer.from([0xff])),
      ),
    })
    const record = fc.record({
      key: fc.option(fc.constantFrom('', 'o1').map(one => Buffer.from(one))),
      value,
      headers: fc.array(header, { maxLength: 2 }),
    })
    fc.assert(
      fc.property(record, ({ key, value, headers }) => {
        const place = { topic, partition: 0, offset: 7, timestamp: 1 }
        const list = headers.map(({ name, value: bytes }) => [name, bytes] as const)
        const fates = there.map(({ filters, vocabulary }) => {
          const parsed = parseRecord({ ...place, key, value, headers }, vocabulary)
          return {
            kind: parsed.kind,
            comes: passes({ ...place, key, value, headers: list }, filters),
            anothers: parsed.kind === 'not-ours' && vocabulary.others.has(parsed.type),
          }
        })
        const ends = fates.some(({ kind, comes }) => comes && kind !== 'not-ours')
        const isAnothers = fates.every(({ anothers }) => anothers)
        expect({ ends: ends || isAnothers, fates }).toMatchObject({ ends: true })
        // A dead letter is one, however many read the topic.
        expect(fates.filter(({ kind, comes }) => comes && kind === 'poison').length).toBeLessThan(2)
      }),
      { numRuns: 300 },
    )
  })
})
