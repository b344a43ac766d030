import { consumersTable } from '#engine/delivery/failure-entry.ts'
import { topicPerKind } from '#engine/delivery/topics.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { describe, expect, it } from 'vitest'
import { pendingOf, type Service } from '#engine/catalog/catalog.ts'
import type { AnyAggregate } from '#engine/model/aggregate.ts'
import {
  catalogOf,
  paperTable,
  printService,
  printsTable,
  relay,
  Sold,
  soldTickets,
  sweeper,
  ticketSaga,
  ticketService,
  ticketsTable,
} from '../../example/kiosk.ts'

const wiring = readCatalog(catalogOf())
const fn = (name: string, of = wiring) => of.functions.find(fn => fn.name === name)

describe('a catalog, read', () => {
  it('has a topic for each place where something is published, and the one for control', () => {
    expect(wiring.topics).toEqual([
      'prints-commands',
      'prints-events',
      'saga-control',
      'tickets-commands',
      'tickets-events',
    ])
  })

  it('has a function for each consumer, each HTTP side, each saga and each of the platform', () => {
    expect(wiring.functions.map(({ name, kind, entry }) => [name, kind, entry])).toEqual([
      ['ticket', 'consumer', 'lambdas/services/ticket/handler.ts'],
      ['ticket-api', 'http', 'lambdas/services/ticket/http.ts'],
      ['print', 'consumer', 'lambdas/services/print/handler.ts'],
      ['ticket-saga', 'consumer', 'lambdas/sagas/ticket/handler.ts'],
      ['relay', 'platform', 'lambdas/platform/relay/handler.ts'],
      ['sweeper', 'platform', 'lambdas/platform/sweeper/handler.ts'],
    ])
  })

  it('gives a service the commands that it handles, and lets it publish the replies', () => {
    expect(fn('print')).toMatchObject({
      sources: [{ topic: 'prints-commands', types: ['Print'], others: [], owner: true }],
      publishesTo: ['prints-events'],
      publishes: { 'print.event': 'prints-events' },
    })
  })

  it('gives the orchestrator its start, the replies and control, and lets it send its commands', () => {
    expect(fn('ticket-saga')).toMatchObject({
      sources: [
        { topic: 'prints-events', types: ['OutOfPaper', 'Printed'], others: ['PaperLow'], owner: true },
        {
          topic: 'saga-control',
          types: ['SagaAbort', 'SagaResolve', 'SagaRetry', 'SagaWakeUp'],
          others: [],
          owner: true,
        },
        { topic: 'tickets-events', types: ['Handed', 'Sold'], others: [], owner: true },
      ],
      publishesTo: ['prints-commands', 'tickets-commands'],
      publishes: { 'print.command': 'prints-commands', 'ticket.command': 'tickets-commands' },
    })
  })

  it('keeps an HTTP function away from Kafka: the relay reads the feed of its table and publishes for it', () => {
    expect(fn('ticket-api')).toMatchObject({ sources: [], publishesTo: [], publishes: {}, feeds: [] })
    expect(fn('ticket-api')?.routes.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /tickets',
      'GET /tickets/{ticketId}',
    ])
    expect(fn('relay')).toMatchObject({ feeds: [ticketsTable], publishesTo: ['tickets-events'] })
  })

  it('grants each table once, with all that is done with it', () => {
    expect(fn('print')?.tables).toEqual([
      { table: printsTable, use: ['read', 'insert', 'update'] },
      { table: paperTable, use: ['read', 'rows'] },
      { table: consumersTable, use: ['read', 'rows'] },
    ])
    expect(fn('ticket-saga')?.tables.map(({ table, use }) => [table.name, use])).toEqual([
      ['sagas', ['read', 'insert', 'update']],
      ['tickets-history', ['rows']],
      ['consumers', ['read', 'rows']],
    ])
    expect(wiring.tables.map(({ name }) => name)).toEqual([
      'tickets',
      'consumers',
      'prints',
      'paper',
      'sagas',
      'tickets-history',
    ])
  })

  it('gives the way to the outside to the consumer, and the clock to the sweeper', () => {
    expect(wiring.functions.filter(({ environment }) => environment.length > 0).map(({ name }) => name)).toEqual([
      'print',
    ])
    expect(wiring.functions.filter(({ callsInternet }) => callsInternet).map(({ name }) => name)).toEqual(['print'])
    expect(fn('sweeper')).toMatchObject({
      everySeconds: 60,
      publishesTo: ['saga-control'],
      tables: [{ table: sagasTable, use: ['read', 'query'] }],
    })
    expect(fn('relay')).not.toHaveProperty('everySeconds')
  })

  it('gives a way to the internet to what declares it, and to nothing for the name of a setting', () => {
    const { domains, platform } = catalogOf()
    const undeclared = domains.map(domain => ({
      ...domain,
      services: domain.services.map(service => ({ ...service, callsInternet: false })),
    }))
    const { functions } = readCatalog({ domains: undeclared, platform })
    expect(functions.find(({ name }) => name === 'print')?.environment).toEqual(['PRINTER_URL'])
    expect(functions.filter(({ callsInternet }) => callsInternet)).toEqual([])
    const api = readCatalog({
      domains: [],
      platform: [{ name: 'web', callsInternet: true, publishes: [], tables: [] }],
    })
    expect(api.functions.map(({ callsInternet }) => callsInternet)).toEqual([true])
  })

  it('knows who publishes what for whom', () => {
    const outgoing = Object.fromEntries(
      wiring.messages.map(({ type, publishedBy, handledBy }) => [type, [publishedBy, handledBy]]),
    )
    expect(outgoing).toMatchObject({
      Sold: [['relay'], ['ticket-saga']],
      Print: [['ticket-saga'], ['print']],
      Handed: [['ticket'], ['ticket-saga']],
      PaperLow: [['print'], []],
      SagaWakeUp: [['sweeper'], ['ticket-saga']],
      SagaRetry: [[], ['ticket-saga']],
    })
  })
})

describe('a function that handles dead letters', () => {
  const table = { name: 'letters', partition: 'id' }
  const catalog = catalogOf({})
  const letters = {
    name: 'letters',
    handlesDeadLetters: true,
    feeds: [table],
    publishes: [],
    tables: [{ table, use: ['read', 'put'] as const }],
  }
  const read = readCatalog({ ...catalog, platform: [...catalog.platform, letters] }, { 'tickets-events': 'sold' })
  const found = read.functions.find(({ name }) => name === 'letters')

  it('reads every dead-letter topic as the deployment names it, and may publish to every topic', () => {
    expect(found?.deadLetterTopics).toEqual(read.topics.map(topic => `${topic}.dlq`))
    expect(found?.deadLetterTopics).toContain('sold.dlq')
    expect(found?.publishesTo).toEqual(read.topics.toSorted())
    expect(found).toMatchObject({ kind: 'platform', sources: [], publishes: {}, feeds: [table] })
  })

  it('publishes and handles nothing of its own, and changes nothing for the others', () => {
    const others = read.functions.filter(({ name }) => name !== 'letters')
    expect(others).toEqual(readCatalog(catalog, { 'tickets-events': 'sold' }).functions)
    for (const { publishedBy, handledBy } of read.messages)
      expect([...publishedBy, ...handledBy]).not.toContain('letters')
  })
})

describe('a function that republishes what is pending', () => {
  const table = { ...ticketsTable, indexes: [soldTickets.index] }
  const pending: Service = {
    ...ticketService,
    aggregate: { ...(ticketService.aggregate as AnyAggregate), table, indexed: () => ({}) },
    http: {
      routes: [],
      tables: [{ table, use: ['read'] }],
      publishes: [Sold],
      republish: { while: { status: 'SOLD' }, index: soldTickets },
    },
  }
  const catalog = catalogOf(
    { services: [pending, printService] },
    { platform: [relay, { ...sweeper, republishes: true }] },
  )

  it('may read what a service of a user declares, and publish what that publishes', () => {
    const found = fn('sweeper', readCatalog(catalog))
    expect(found?.tables).toContainEqual({ table, use: ['read', 'query:pending'] })
    expect(found?.publishesTo).toEqual(['saga-control', 'tickets-events'])
    expect(found?.findsWithoutSaga).toEqual(['tickets'])
  })

  it('looks for the saga that begins with that', () => {
    expect(pendingOf(catalog)).toMatchObject([{ sagas: ['ticket'], byEventStore: false }])
  })
})

describe('a shared topic', () => {
  const shared = readCatalog(catalogOf({ topicOf: topicPerKind }))

  it('has one owner, the first of its consumers: it alone sends what nobody knows to the dead letters', () => {
    const sources = shared.functions.flatMap(({ name, sources }) => sources.map(source => ({ name, ...source })))
    expect(sources.filter(({ topic }) => topic === 'saga-commands').map(({ name, owner }) => [name, owner])).toEqual([
      ['ticket', true],
      ['print', false],
    ])
    for (const topic of shared.topics)
      expect(sources.filter(source => source.topic === topic && source.owner)).toHaveLength(1)
  })

  it("tells each consumer which types are the others'", () => {
    expect(fn('print', shared)?.sources).toEqual([
      { topic: 'saga-commands', types: ['Print'], others: ['HandOut'], owner: false },
    ])
  })

  it('does not take in control, which has a topic of its own', () => {
    expect(shared.topics).toEqual(['saga-commands', 'saga-control', 'saga-events'])
    expect(fn('sweeper', shared)?.publishesTo).toEqual(['saga-control'])
  })
})

describe('several domains', () => {
  it('handle an event where the domain that publishes it has put it', () => {
    const archive = {
      name: 'archive',
      topicOf: topicPerKind,
      services: [],
      sagas: [{ ...ticketSaga, name: 'archive', steps: [], history: undefined }],
    }
    const both = readCatalog({ ...catalogOf(), domains: [catalogOf().domains[0], archive] as never })
    expect(fn('archive-saga', both)?.sources.map(({ topic, owner }) => [topic, owner])).toEqual([
      ['saga-control', false],
      ['tickets-events', false],
    ])
  })
})

describe('two versions of a saga', () => {
  it('are one function, which handles and publishes what either needs', () => {
    const { steps } = ticketSaga
    const older = { ...ticketSaga, steps: steps.slice(0, 1) }
    const newer = { ...ticketSaga, version: 2, steps: steps.slice(1) }
    const both = readCatalog(catalogOf({ sagas: [older, newer] }))
    expect(both.functions.filter(({ name }) => name === 'ticket-saga')).toHaveLength(1)
    expect(fn('ticket-saga', both)).toEqual(fn('ticket-saga'))
  })
})
