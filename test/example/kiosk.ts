/** A small catalog to be wired: a kiosk that sells tickets, a printer, a saga between them, and a message for others. */
import type { Aggregate, Table } from '#engine/model/aggregate.ts'
import type { Catalog, Domain, PlatformFunction, Service } from '#engine/catalog/catalog.ts'
import { messagesOf, type MessageType } from '#engine/model/messages.ts'
import { SagaWakeUp } from '#engine/saga/control-messages.ts'
import { topicPerAggregateAndKind } from '#engine/delivery/topics.ts'
import { nothing, saga } from '#engine/saga/builder.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { pendingIndex } from '#engine/model/pending.ts'
import { minutes } from '#engine/saga/durations.ts'
import * as z from 'zod'

const none = z.object({})
export const ticket = messagesOf('ticket', 'ticketId')
export const Sold = ticket.event('Sold', none)
export const Handed = ticket.event('Handed', none)
export const HandOut = ticket.command('HandOut', none, { done: [Handed] })
export const print = messagesOf('print', 'ticketId')
export const Printed = print.event('Printed', none)
export const OutOfPaper = print.event('OutOfPaper', none)
export const PaperLow = print.event('PaperLow', none)
export const Print = print.command('Print', none, { done: [Printed], refused: [OutOfPaper] })

export const ticketsTable: Table = { name: 'tickets', partition: 'ticketId' }
export const soldTickets = pendingIndex('soldAt')
export const printsTable: Table = { name: 'prints', partition: 'ticketId' }
export const paperTable: Table = { name: 'paper', partition: 'printer' }

export const aggregate = (
  type: string,
  table: Table,
  handles: readonly MessageType[],
  publishes: readonly MessageType[],
): Aggregate<object> => ({
  type,
  table,
  handles,
  publishes,
  decide: () => ({ kind: 'ignore', why: 'never asked' }),
})

export const ticketService: Service = {
  name: 'ticket',
  aggregate: aggregate('ticket', ticketsTable, [HandOut], [Sold, Handed]),
  http: {
    routes: [
      { method: 'POST', path: '/tickets' },
      { method: 'GET', path: '/tickets/{ticketId}' },
    ],
    tables: [{ table: ticketsTable, use: ['read', 'put'] }],
    publishes: [Sold],
  },
}
export const printService: Service = {
  name: 'print',
  aggregate: aggregate('print', printsTable, [Print], [Printed, OutOfPaper, PaperLow]),
  alsoUses: [
    { table: paperTable, use: ['read'] },
    { table: paperTable, use: ['rows'] },
  ],
  environment: ['PRINTER_URL'],
  callsInternet: true,
}
export const ticketSaga = saga('ticket', {
  version: 1,
  startsWith: Sold,
  deadline: minutes(1),
  history: { completed: 'HANDED' },
})
  .pivot('print', Print, { done: { Printed: nothing }, refused: { OutOfPaper: () => 'NO_PAPER' } })
  .retriable('hand-out', HandOut, { done: { Handed: nothing } })
  .build()

export const relay: PlatformFunction = { name: 'relay', relaysHttp: true, publishes: [], tables: [] }
export const sweeper: PlatformFunction = {
  name: 'sweeper',
  everySeconds: 60,
  publishes: [SagaWakeUp],
  tables: [{ table: sagasTable, use: ['read', 'query'] }],
}
export const kiosk: Domain = {
  name: 'kiosk',
  topicOf: topicPerAggregateAndKind,
  services: [ticketService, printService],
  sagas: [ticketSaga],
  ends: [PaperLow],
}
export const catalogOf = (domain: Partial<Domain> = {}, more: Partial<Catalog> = {}): Catalog => ({
  domains: [{ ...kiosk, ...domain }],
  platform: [relay, sweeper],
  ...more,
})
