/** A report as tables: heads and rows of text, for a terminal and for a page. Pure. */
import { type Item, sum, usd } from '../../lib/cost/item.ts'
import { MEMORY, prices } from '../../lib/cost/prices.ts'
import type { Way } from './alternatives.ts'
import type { Report } from './report.ts'

export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export function tablesOf({ stage, kafka, sagas, atRest, ofSagas, ways, breakEven }: Report): Table[] {
  const count = sagas.toLocaleString('en')
  const rest = bill(`The stage ${stage} (${kafka}) at rest, a month`, atRest.items)
  if (!ofSagas) return [rest]
  return [
    rest,
    bill(`${count} orders: API, tables and services`, ofSagas.services),
    bill(`${count} orders: coordination`, ofSagas.coordination),
    {
      title: `${count} orders in a month, coordinated by`,
      head: ['', 'at rest', 'coordination', 'services', 'together', 'Recourse is cheaper'],
      rows: ways.map(way => [
        way.name,
        dollars(way.atRest),
        way.coordination === undefined ? 'on request' : dollars(way.coordination),
        dollars(way.services),
        together(way),
        Object.hasOwn(breakEven, way.name) ? fromOrders(breakEven[way.name]) : '',
      ]),
    },
  ]
}

const fromOrders = (count: number | undefined) =>
  count === undefined ? 'not below 40 million' : `from ${millions(count)} million`
const millions = (count: number) => (count / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })

const together = ({ atRest, coordination, services }: Way) =>
  coordination === undefined ? 'on request' : dollars(atRest + coordination + services)

export function bill(title: string, items: readonly Item[]): Table {
  const rows = items.map(item => [
    item.what,
    amount(item.quantity),
    `$${prices[item.price].usd} / ${prices[item.price].per}`,
    dollars(usd(item)),
  ])
  return { title, head: ['', 'quantity', 'price', 'USD'], rows: [...rows, ['sum', '', '', dollars(sum(items))]] }
}

export const pricesTable: Table = {
  title: 'Prices',
  head: ['', 'USD', 'look it up at', 'read in'],
  rows: Object.values(prices).map(({ usd, per, page, seen }) => [
    per,
    String(usd),
    page,
    seen === MEMORY ? 'nothing: from memory' : seen,
  ]),
}

export const dollars = (amount: number) =>
  `$${amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
const amount = (quantity: number) => quantity.toLocaleString('en', { maximumSignificantDigits: 4 })
