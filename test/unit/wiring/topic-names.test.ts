import { describe, expect, it } from 'vitest'
import { nameOfTopic } from '#engine/delivery/topics.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogOf } from '../../example/kiosk.ts'

describe("a deployment's name of a topic", () => {
  const names = { quotes: 'quote-events', policies: 'quotes' }

  it('is the one that it was given, else the catalog’s', () => {
    expect(nameOfTopic('quotes', names)).toBe('quote-events')
    expect(nameOfTopic('saga-control', names)).toBe('saga-control')
  })

  it('is looked up once: another topic may take the name that became free', () => {
    expect(nameOfTopic('policies', names)).toBe('quotes')
  })

  it('is not what an object has by nature', () => {
    expect(nameOfTopic('constructor', names)).toBe('constructor')
  })
})

describe('a catalog, read with other names', () => {
  const names = { 'prints-events': 'print-hub', 'saga-control': 'control' }
  const plain = readCatalog(catalogOf())
  const named = readCatalog(catalogOf(), names)

  it('has these names and no others, wherever a topic is named', () => {
    const text = JSON.stringify(named)
    expect(text).not.toContain('prints-events')
    expect(text).not.toContain('saga-control')
    expect(named.topics).toEqual(['control', 'print-hub', 'prints-commands', 'tickets-commands', 'tickets-events'])
  })

  it('lets the publisher and the consumer use the same name', () => {
    const fn = (name: string) => named.functions.find(one => one.name === name)
    expect(fn('print')).toMatchObject({ publishes: { 'print.event': 'print-hub' }, publishesTo: ['print-hub'] })
    expect(fn('ticket-saga')?.sources).toContainEqual({
      topic: 'print-hub',
      types: ['OutOfPaper', 'Printed'],
      others: ['PaperLow'],
      owner: true,
    })
  })

  it('is in all else what it was', () => {
    const count = (wiring: typeof plain) => wiring.functions.map(({ name, sources }) => [name, sources.length])
    expect(count(named)).toEqual(count(plain))
    expect(named.tables).toEqual(plain.tables)
  })

  it('makes one topic of two with one name, with one owner', () => {
    const merged = readCatalog(catalogOf(), { 'prints-commands': 'commands', 'tickets-commands': 'commands' })
    const listeners = merged.functions.flatMap(({ name, sources }) =>
      sources
        .filter(({ topic }) => topic === 'commands')
        .map(({ owner, types, others }) => [name, owner, types, others]),
    )
    expect(listeners).toEqual([
      ['ticket', true, ['HandOut'], ['Print']],
      ['print', false, ['Print'], ['HandOut']],
    ])
    expect(merged.topics).toEqual(['commands', 'prints-events', 'saga-control', 'tickets-events'])
  })
})
