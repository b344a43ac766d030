import type { Catalog, Service } from '#engine/catalog/catalog.ts'
import type { TableIndex } from '#engine/model/aggregate.ts'
import { topicPerAggregateAndKind, topicPerKind } from '#engine/delivery/topics.ts'
import { CatalogError, readCatalog } from '#engine/catalog/wiring.ts'
import { messagesOf } from '#engine/model/messages.ts'
import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import * as k from '../../example/kiosk.ts'

const { ticketService, printService, relay, sweeper } = k
const copy = { ...k.Printed, schema: z.object({ pages: z.number() }) }
const saga = messagesOf('saga', 'sagaId')
const Reprint = k.ticket.command('Reprint', z.object({}), { done: [] })
const Rogue = saga.command('Rogue', z.object({}), { done: [] })
const Lost = k.ticket.event('Lost', z.object({}))
/** Tickets that declare what is pending, with what their table has for that. */
const pendingTickets = (...indexes: TableIndex[]): Service => ({
  ...ticketService,
  aggregate: {
    ...k.aggregate('ticket', { ...k.ticketsTable, indexes }, [k.HandOut], [k.Sold, k.Handed]),
    indexed: () => ({}),
  },
  http: {
    routes: [],
    tables: [],
    publishes: [k.Sold],
    republish: { while: { status: 'SOLD' }, index: k.soldTickets },
  },
})
const printer = (more: object) => ({ ...printService, ...more })

const cases: [what: string, catalog: Catalog, says: string][] = [
  [
    'two functions of one name',
    k.catalogOf({}, { platform: [relay, sweeper, { name: 'ticket-api', publishes: [], tables: [] }] }),
    "two functions are named 'ticket-api' (lambdas/services/ticket/http.ts, lambdas/platform/ticket-api/handler.ts): rename one",
  ],
  [
    'a saga that is listed twice',
    k.catalogOf({ sagas: [k.ticketSaga, k.ticketSaga] }),
    'saga ticket version 1 is listed twice: list each version once',
  ],
  [
    'two aggregates of one type',
    k.catalogOf({
      services: [
        ticketService,
        printer({ aggregate: k.aggregate('ticket', k.printsTable, [k.Print], [k.Printed, k.OutOfPaper]) }),
      ],
      ends: [],
    }),
    "service 'ticket' and service 'print' have aggregates of one type, 'ticket': give each its own",
  ],
  [
    'a service with the type of an orchestrator',
    k.catalogOf({
      services: [
        ticketService,
        printer({ aggregate: k.aggregate('ticket-saga', k.printsTable, [k.Print], [k.Printed, k.OutOfPaper]) }),
      ],
      ends: [],
    }),
    "service 'print' and saga 'ticket' have aggregates of one type, 'ticket-saga'",
  ],
  [
    'two aggregates in one table',
    k.catalogOf({
      services: [
        ticketService,
        printer({ aggregate: k.aggregate('print', k.ticketsTable, [k.Print], [k.Printed, k.OutOfPaper]) }),
      ],
      ends: [],
    }),
    "service 'ticket' and service 'print' both keep their aggregate in the table 'tickets': give each its own",
  ],
  [
    'a table that is declared in two places, alike',
    k.catalogOf({
      services: [ticketService, printer({ alsoUses: [{ table: { ...k.ticketsTable }, use: ['read'] }] })],
    }),
    "the table 'tickets' is declared in 2 places, for the service 'ticket' and for the service 'print': declare it once, and import that",
  ],
  [
    'an aggregate of two services',
    k.catalogOf({
      services: [
        ticketService,
        printer({ aggregate: k.aggregate('print', k.printsTable, [k.Print, Reprint], [k.Printed, k.OutOfPaper]) }),
      ],
    }),
    "'ticket' is the aggregate of two services: 'ticket' handles HandOut, 'print' handles Reprint. Give each its own name in `messagesOf`, and import what is another's from its contract",
  ],
  [
    'a message that is declared twice',
    k.catalogOf({
      services: [
        ticketService,
        printer({ aggregate: k.aggregate('print', k.printsTable, [k.Print], [copy, k.OutOfPaper]) }),
      ],
      ends: [],
    }),
    'Printed is declared twice, with different shapes: declare it in one contract, and import that',
  ],
  [
    'a command that nobody handles',
    k.catalogOf({ services: [ticketService], ends: [] }),
    'Print is sent by ticket-saga, but no service handles it',
  ],
  [
    'an event that nobody handles',
    k.catalogOf({ ends: [] }),
    "PaperLow is published by print, but nobody handles it: let a service or a saga handle it, or list it in the domain's `ends`",
  ],
  [
    'a command that two handle',
    k.catalogOf({
      services: [
        ticketService,
        printService,
        {
          name: 'spy',
          aggregate: k.aggregate(
            'spy',
            { name: 'secrets', partition: 'ticketId' },
            [k.Print],
            [k.Printed, k.OutOfPaper],
          ),
        },
      ],
    }),
    'Print is a command, but print and spy handle it: one service answers a command, others may handle its replies',
  ],
  [
    'a reply that its service does not publish',
    k.catalogOf({
      services: [ticketService, printer({ aggregate: k.aggregate('print', k.printsTable, [k.Print], [k.Printed]) })],
      ends: [],
    }),
    "service 'print' handles Print but does not publish its reply OutOfPaper: add it to what its aggregate publishes",
  ],
  [
    'a change over HTTP that nobody publishes',
    k.catalogOf({}, { platform: [sweeper] }),
    "nobody publishes Sold from the change feed of 'tickets': give a platform function `relaysHttp`",
  ],
  [
    'a service that publishes over HTTP without an aggregate',
    k.catalogOf({
      services: [ticketService, printService, { name: 'desk', http: { routes: [], tables: [], publishes: [k.Sold] } }],
    }),
    "service 'desk' publishes Sold over HTTP but has no aggregate",
  ],
  [
    'a platform function that publishes what no domain knows',
    k.catalogOf({}, { platform: [relay, sweeper, { name: 'rogue', publishes: [Lost], tables: [] }] }),
    'a platform function publishes Lost, but no domain handles or publishes it',
  ],
  [
    'one message on two topics',
    k.catalogOf(
      {},
      {
        domains: [
          k.kiosk,
          {
            name: 'other',
            topicOf: topicPerKind,
            services: [
              {
                name: 'copier',
                aggregate: k.aggregate('copier', { name: 'copies', partition: 'ticketId' }, [], [k.Printed]),
              },
            ],
            sagas: [],
          },
        ],
      },
    ),
    'Printed would be published on prints-events and saga-events, as two domains answer for it',
  ],
  [
    'a message about sagas',
    k.catalogOf({
      services: [
        ticketService,
        printer({
          aggregate: k.aggregate('print', k.printsTable, [k.Print, Rogue], [k.Printed, k.OutOfPaper, k.PaperLow]),
        }),
      ],
    }),
    "Rogue would be published on saga-control, which is the orchestrators' own",
  ],
  [
    'a topic that Kafka would refuse',
    k.catalogOf({ topicOf: message => (message.about === 'print' ? 'my prints' : topicPerAggregateAndKind(message)) }),
    "Print would be published on 'my prints': a topic has 1 to 200 letters",
  ],
  [
    'a route that two claim',
    k.catalogOf({
      services: [ticketService, printer({ http: { routes: [{ method: 'GET', path: '/tickets/{id}' }], tables: [] } })],
    }),
    'ticket-api (GET /tickets/{ticketId}) and print-api (GET /tickets/{id}) claim one route: change one path',
  ],
  [
    'a table that is declared twice',
    k.catalogOf({
      services: [
        ticketService,
        printer({ alsoUses: [{ table: { name: 'tickets', partition: 'id' }, use: ['read'] }] }),
      ],
    }),
    "the table 'tickets' is declared twice, with different keys or indexes",
  ],
  [
    'a table with a name that DynamoDB would refuse',
    k.catalogOf({
      services: [ticketService, printer({ alsoUses: [{ table: { name: 'db', partition: 'id' }, use: ['read'] }] })],
    }),
    "the table 'db' needs a name of at least 3 small letters, digits and dashes",
  ],
  [
    'what is pending, and nobody looks for',
    k.catalogOf({ services: [pendingTickets(k.soldTickets.index), printService] }),
    "nobody republishes what 'ticket' declares as pending: give a platform function `republishes`",
  ],
  [
    'what is pending, and can not be found',
    k.catalogOf(
      { services: [pendingTickets(), printService] },
      { platform: [relay, { ...sweeper, republishes: true }] },
    ),
    "'ticket' declares what to republish by the index 'pending', which its table 'tickets' lacks",
  ],
  [
    'what is pending, and waits for nobody',
    k.catalogOf(
      {
        services: [pendingTickets(k.soldTickets.index), printService],
        sagas: [],
        ends: [k.Sold, k.Handed, k.Printed, k.OutOfPaper, k.PaperLow],
      },
      { platform: [relay, { ...sweeper, republishes: true }] },
    ),
    "'ticket' declares what to republish, but no saga starts with what it publishes: say when to",
  ],
  [
    'a clock that does not tick',
    k.catalogOf({}, { platform: [relay, { ...sweeper, everySeconds: 0 }] }),
    'sweeper is to run every 0 seconds: give it a whole number from 1',
  ],
]

describe('a catalog is refused for', () => {
  it.each(cases)('%s', (_, catalog, publishes) => {
    expect(() => readCatalog(catalog)).toThrow(CatalogError)
    expect(() => readCatalog(catalog)).toThrow(publishes)
  })

  it('all that is wrong with it at once', () => {
    const wrong = k.catalogOf({ services: [ticketService], ends: [] }, { platform: [] })
    expect(problemsOf(wrong)).toHaveLength(2)
  })

  it('nothing, when all is well', () => {
    expect(problemsOf(k.catalogOf())).toEqual([])
  })
})

function problemsOf(catalog: Catalog): readonly string[] {
  try {
    readCatalog(catalog)
    return []
  } catch (error) {
    if (error instanceof CatalogError) return error.problems
    throw error
  }
}
