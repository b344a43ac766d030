/** The same order saga, coordinated by something else. Pure. */
import type { AtRest } from '../../lib/cost/at-rest.ts'
import { type Item, sum } from '../../lib/cost/item.ts'
import {
  HOURS_A_MONTH,
  type PriceName,
  prices,
  TEMPORAL_INCLUDED_MILLIONS,
  TEMPORAL_PLAN_SHARE,
  TEMPORAL_TIERS,
} from '../../lib/cost/prices.ts'
import { ASSUMED } from './assumptions.ts'
import { costOfSagas, type CostSettings, gigabytes, secondsOf } from './per-saga.ts'
import type { Usage } from './usage.ts'

export interface Way {
  readonly name: string
  /** Dollars a month: what stands there with nobody asking. */
  readonly atRest: number
  /** Dollars for these sagas, beside what the services cost. Undefined: the provider makes an offer. */
  readonly coordination: number | undefined
  /** Dollars for these sagas: API, tables and services. */
  readonly services: number
}

/** What is there only because Kafka is. */
const FOR_KAFKA: ReadonlySet<PriceName> = new Set<PriceName>([
  'mskExpressLarge',
  'mskStandardM7gLarge',
  'mskStandardM5Large',
  'mskStorage',
  'eventPollerUnit',
  'natHour',
  'publicIpv4',
])
const GB = 1e9
const MILLION = 1e6
const DAYS_A_MONTH = 30
/** Express rounds memory up to 64 MB. */
const EXPRESS_GB = 64 / 1024

export function waysToCoordinate(sagas: number, usage: Usage, rest: AtRest, settings: CostSettings): Way[] {
  const ours = costOfSagas(sagas, usage, settings)
  const services = sum(ours.services)
  const withoutKafka = sum(rest.items.filter(({ price }) => !FOR_KAFKA.has(price)))
  const way = (name: string, coordination: readonly Item[]): Way => ({
    name,
    atRest: withoutKafka,
    coordination: sum(coordination),
    services,
  })
  return [
    { name: `Recourse (${settings.kafka.kind})`, atRest: rest.usd, coordination: sum(ours.coordination), services },
    way('Step Functions Standard', standard(sagas, usage)),
    way('Step Functions Express', express(sagas, usage)),
    way('Lambda durable functions', durable(sagas, usage, settings)),
    temporal(sagas, usage, { withoutKafka, services }),
  ]
}

export const transitionsOf = ({ steps }: Usage) => steps + 1
export const operationsOf = ({ steps }: Usage) => steps + 1
/** Start, timer of the deadline, an activity for each step. */
export const actionsOf = ({ steps }: Usage) => 1 + 1 + steps

const sagaSeconds = ({ steps }: Usage) => secondsOf(steps, ASSUMED.providerSeconds)

function standard(sagas: number, usage: Usage): Item[] {
  return [{ what: 'transitions', quantity: (sagas * transitionsOf(usage)) / 1000, price: 'stepTransitions' }]
}

function express(sagas: number, usage: Usage): Item[] {
  return [
    { what: 'executions', quantity: sagas / MILLION, price: 'expressRequests' },
    {
      what: 'their time',
      quantity: (sagas * roundedUp(sagaSeconds(usage)) * EXPRESS_GB) / 3600,
      price: 'expressGbHour',
    },
  ]
}

/** To 100 ms, without what floating point adds. */
const roundedUp = (seconds: number) => Math.ceil(Number((seconds * 10).toFixed(6))) / 10

function durable(sagas: number, usage: Usage, settings: CostSettings): Item[] {
  const gb = (sagas * usage.messageBytes) / GB
  return [
    { what: 'operations', quantity: (sagas * operationsOf(usage)) / MILLION, price: 'durableOperations' },
    { what: 'data written', quantity: gb, price: 'durableWritten' },
    { what: 'data kept', quantity: (gb * ASSUMED.retainedDays) / DAYS_A_MONTH, price: 'durableRetained' },
    { what: 'invocations', quantity: sagas / MILLION, price: 'lambdaRequests' },
    { what: 'their time', quantity: sagas * sagaSeconds(usage) * gigabytes(settings), price: 'lambdaGbSecond' },
  ]
}

function temporal(
  sagas: number,
  usage: Usage,
  { withoutKafka, services }: { readonly withoutKafka: number; readonly services: number },
): Way {
  const hours = ASSUMED.temporalWorkers * HOURS_A_MONTH
  const workers = sum([
    { what: 'workers', quantity: hours * ASSUMED.temporalWorkerCpu, price: 'fargateCpuHour' },
    { what: 'workers', quantity: hours * ASSUMED.temporalWorkerGb, price: 'fargateGbHour' },
  ])
  const plan = prices.temporalPlan.usd
  const actions = actionsDollars((sagas * actionsOf(usage)) / MILLION)
  return {
    name: 'Temporal Cloud',
    atRest: withoutKafka + plan + workers,
    coordination: actions === undefined ? undefined : actions + Math.max(0, actions * TEMPORAL_PLAN_SHARE - plan),
    services,
  }
}

/** `millions` in one month, those of the plan among them. Undefined above the published tiers. */
export function actionsDollars(millions: number): number | undefined {
  let rest = Math.max(0, millions - TEMPORAL_INCLUDED_MILLIONS)
  let from = 0
  let dollars = 0
  for (const [upTo, usd] of TEMPORAL_TIERS) {
    const inTier = Math.min(rest, upTo - from)
    dollars += inTier * usd
    rest -= inTier
    from = upTo
  }
  return rest > 0 ? undefined : dollars
}

/** Where the last price of Temporal's that is published ends, and beyond what anyone plans with list prices. */
export const BREAK_EVEN_MAX = 40_000_000

/** From how many orders a month the first way costs no more than another. `waysFor`: for so many orders. */
export function breakEvens(waysFor: (sagas: number) => readonly Way[]): Record<string, number | undefined> {
  const [, ...others] = waysFor(0)
  const cheaperAt = (sagas: number, name: string) => {
    const [ours, ...rest] = waysFor(sagas)
    const other = rest.find(way => way.name === name)
    return together(ours) <= together(other)
  }
  return Object.fromEntries(
    others.map(({ name }) => {
      if (!cheaperAt(BREAK_EVEN_MAX, name)) return [name, undefined]
      let [dearer, cheaper] = [0, BREAK_EVEN_MAX]
      while (cheaper - dearer > 1) {
        const middle = Math.floor((dearer + cheaper) / 2)
        if (cheaperAt(middle, name)) cheaper = middle
        else dearer = middle
      }
      return [name, cheaper]
    }),
  )
}

const together = (way: Way | undefined) =>
  way?.coordination === undefined ? Number.POSITIVE_INFINITY : way.atRest + way.coordination + way.services
