/**
 * A library that lends books, wired in three ways: a loan is asked for over HTTP, its book is fetched from the shelf. Small
 * on purpose: what is made of a catalog is tested on it, and on the kiosk.
 */
import { aggregate, publish } from '#engine/model/aggregate-builder.ts'
import type { Decision, Table } from '#engine/model/aggregate.ts'
import type { Catalog, Domain, PlatformFunction, Service } from '#engine/catalog/catalog.ts'
import { choreography } from '#engine/choreography/choreography.ts'
import { topicPerAggregate, topicPerAggregateAndKind, topicPerKind } from '#engine/delivery/topics.ts'
import { routesOf } from '#engine/http/route.ts'
import { messagesOf } from '#engine/model/messages.ts'
import { pendingIndex, pendingShard } from '#engine/model/pending.ts'
import { nothing, saga } from '#engine/saga/builder.ts'
import { SagaWakeUp } from '#engine/saga/control-messages.ts'
import { minutes } from '#engine/saga/durations.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import * as z from 'zod'

export const held = ['orchestration', 'choreography', 'event-sourcing'] as const
export type Held = (typeof held)[number]

const loan = messagesOf('loan', 'loanId')
const book = messagesOf('book', 'loanId')
export const LoanAsked = loan.event('LoanAsked', z.object({ title: z.string() }), {
  description: 'A reader wants a book.',
})
export const LoanGranted = loan.event('LoanGranted', z.object({}), { description: 'The reader has the book.' })
export const BookFetched = book.event('BookFetched', z.object({}), { description: 'The book is off its shelf.' })
export const BookFetch = book.command('BookFetch', z.object({ title: z.string() }), {
  description: 'Fetch the book from its shelf.',
  done: [BookFetched],
})
export const LoanGrant = loan.command('LoanGrant', z.object({}), {
  description: 'Hand the book to the reader.',
  done: [LoanGranted],
})

interface Loan {
  readonly status: 'ASKED' | 'GRANTED'
  readonly askedAt: string
}
export const askedLoans = pendingIndex('askedAt')
export const loansTable: Table = { name: 'loans', partition: 'loanId', indexes: [askedLoans.index] }
export const booksTable: Table = { name: 'books', partition: 'loanId' }
export const loanEventsTable: Table = {
  name: 'loan-events',
  partition: 'loanId',
  sort: { name: 'sequenceNumber', type: 'number' },
}

const ignored = { kind: 'ignore', why: 'nobody asked for it' } as const
const granted = (state: Loan | undefined): Decision<Loan, typeof LoanGranted.type> =>
  state ? { kind: 'commit', state: { ...state, status: 'GRANTED' }, publish: [publish(LoanGranted, {})] } : ignored
const fetched = (): Decision<object, typeof BookFetched.type> => ({
  kind: 'commit',
  state: {},
  publish: [publish(BookFetched, {})],
})
const newLoan = () =>
  aggregate<Loan>('loan', {
    table: loansTable,
    publishes: [LoanAsked],
    indexed: ({ status }, loanId) => ({ pendingShard: status === 'ASKED' ? pendingShard(loanId) : undefined }),
  })
const newBook = () => aggregate<object>('book', { table: booksTable })

const choreographedLoan = newLoan()
  .handles(BookFetched, { publishes: [LoanGranted], decide: granted })
  .build()
const choreographedBook = newBook()
  .handles(LoanAsked, { publishes: [BookFetched], decide: fetched })
  .build()
const lendingChoreography = choreography(
  'lending',
  { startsWith: LoanAsked, endsWith: [LoanGranted] },
  { loan: choreographedLoan, book: choreographedBook },
)
export const lendingSaga = saga('lending', { version: 1, startsWith: LoanAsked, deadline: minutes(5) })
  .retriable('fetch', BookFetch, { send: ({ title }) => ({ title }), done: { BookFetched: nothing } })
  .retriable('grant', LoanGrant, { done: { LoanGranted: nothing } })
  .build()

const commandedLoan = newLoan()
  .handles(LoanGrant, { publishes: [LoanGranted], decide: granted })
  .build()
const commandedBook = newBook()
  .handles(BookFetch, { publishes: [BookFetched], decide: fetched })
  .build()

const Shown = z.object({ loanId: z.string(), status: z.string() })
const loanRoutes = {
  askForLoan: {
    method: 'POST',
    path: '/loans',
    summary: 'Asks for a book.',
    callers: 'anyone',
    body: z.object({ title: z.string() }),
    answers: [{ status: 202, description: 'The loan.', schema: Shown }],
  },
  showLoan: {
    method: 'GET',
    path: '/loans/{loanId}',
    summary: 'Shows a loan.',
    callers: 'owner',
    answers: [{ status: 200, description: 'The loan.', schema: Shown }],
  },
} as const
/** What only the event store has. */
const loanEventRoutes = {
  listLoanEvents: {
    method: 'GET',
    path: '/loans/{loanId}/events',
    summary: 'Lists the events of a loan.',
    callers: 'owner',
    answers: [{ status: 200, description: 'The events.', schema: z.object({ items: z.array(z.object({})) }) }],
  },
} as const

function servicesFor(how: Held): Service[] {
  const inStore = how === 'event-sourcing'
  return [
    {
      name: 'loan',
      aggregate: how === 'choreography' ? choreographedLoan : commandedLoan,
      http: {
        routes: routesOf(inStore ? { ...loanRoutes, ...loanEventRoutes } : loanRoutes),
        tables: [
          { table: loansTable, use: ['read', 'put'] },
          ...(inStore ? [{ table: loanEventsTable, use: ['query', 'put'] as const }] : []),
        ],
        publishes: inStore ? [] : [LoanAsked],
        ...(how !== 'choreography' && { republish: { while: { status: 'ASKED' }, index: askedLoans } }),
      },
    },
    { name: 'book', aggregate: how === 'choreography' ? choreographedBook : commandedBook },
  ]
}

export function libraryDomain(how: Held): Domain {
  const common = { name: 'library', services: servicesFor(how), sagas: [lendingSaga] }
  switch (how) {
    case 'orchestration':
      return { ...common, topicOf: topicPerAggregateAndKind }
    case 'choreography':
      return {
        ...common,
        topicOf: topicPerAggregate,
        sagas: [],
        choreographies: [lendingChoreography],
        ends: [LoanGranted],
      }
    case 'event-sourcing':
      return {
        ...common,
        topicOf: topicPerKind,
        eventStore: { table: loanEventsTable, events: [LoanAsked, BookFetched, LoanGranted] },
        ends: [LoanAsked, BookFetched, LoanGranted],
      }
  }
}

const relay: PlatformFunction = { name: 'relay', relaysHttp: true, publishes: [], tables: [] }
const sweeper: PlatformFunction = {
  name: 'sweeper',
  everySeconds: 60,
  publishes: [SagaWakeUp],
  republishes: true,
  tables: [{ table: sagasTable, use: ['read', 'query:byStatus'] }],
}

/** All that is deployed where lending is held together in this way. */
export const libraryFor = (how: Held): Catalog => ({
  domains: [libraryDomain(how)],
  // Where there is no saga, nobody has to be woken.
  platform: how === 'choreography' ? [relay] : [relay, sweeper],
})
