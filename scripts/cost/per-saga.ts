/** What orders cost beside what the stage costs at rest, from what one of them uses. Pure. */
import type { Item } from '../../lib/cost/item.ts'
import type { StageSettings } from '../../lib/config.ts'
import { ASSUMED } from './assumptions.ts'
import type { Usage } from './usage.ts'

export interface SagaCost {
  /** API, tables and services: the same whoever coordinates. */
  readonly services: readonly Item[]
  /** The orchestrator, its table, the relay and Kafka. */
  readonly coordination: readonly Item[]
}

export type CostSettings = Pick<StageSettings, 'kafka' | 'memoryMegabytes' | 'protectData' | 'retention'>

const GB = 1e9
const MILLION = 1e6
const DAYS_A_MONTH = 30
const RELAYS = 1

/** Of so many sagas, all in one month. */
export function costOfSagas(sagas: number, usage: Usage, settings: CostSettings): SagaCost {
  const { 'order-saga': orchestrations = 0, ...ofServices } = usage.invocations
  const serving = Object.values(ofServices).reduce((sum, count) => sum + count, 0)
  const requests = 1 + ASSUMED.readsByCaller
  const runs = (count: number, moreSeconds = 0): Item[] => [
    { what: 'invocations', quantity: (sagas * count) / MILLION, price: 'lambdaRequests' },
    {
      what: 'time of functions',
      quantity: sagas * secondsOf(count, moreSeconds) * gigabytes(settings),
      price: 'lambdaGbSecond',
    },
  ]
  /** Metrics are paid by the month in which something is said of them, not by the order. */
  const coming = sagas > 0 ? 1 : 0
  const keptGb = (sagas * usage.keptBytes) / GB
  const logs = usage.logBytes + requests * ASSUMED.accessLogBytes
  const runsInAll = requests + serving + orchestrations + RELAYS
  const logsGb = (sagas * (logs + runsInAll * ASSUMED.platformLogBytes)) / GB
  return {
    services: [
      { what: 'API requests', quantity: (sagas * requests) / MILLION, price: 'restRequests' },
      { what: 'requests through the web ACL', quantity: (sagas * requests) / MILLION, price: 'webAclRequests' },
      ...runs(requests + serving, ASSUMED.providerSeconds),
      {
        what: 'write units',
        quantity: (sagas * (usage.writeUnits - usage.sagaWriteUnits)) / MILLION,
        price: 'dynamodbWrites',
      },
      {
        what: 'read units',
        quantity: (sagas * (usage.readUnits - usage.sagaReadUnits + ASSUMED.readsByCaller)) / MILLION,
        price: 'dynamodbReads',
      },
      { what: 'items kept for a month', quantity: keptGb, price: 'dynamodbStorage' },
      ...(settings.protectData
        ? [{ what: 'their point-in-time recovery', quantity: keptGb, price: 'dynamodbRecovery' } as const]
        : []),
      { what: 'logs taken in', quantity: logsGb, price: 'logsIngested' },
      {
        what: 'logs kept',
        quantity: (logsGb * ASSUMED.logCompression * settings.retention.logDays) / DAYS_A_MONTH,
        price: 'logsStored',
      },
      {
        what: "the API's metrics by method",
        quantity: coming * ASSUMED.methods * ASSUMED.metricsOfAMethod,
        price: 'customMetric',
      },
    ],
    coordination: [
      ...runs(orchestrations + RELAYS),
      { what: 'write units', quantity: (sagas * usage.sagaWriteUnits) / MILLION, price: 'dynamodbWrites' },
      { what: 'read units', quantity: (sagas * usage.sagaReadUnits) / MILLION, price: 'dynamodbReads' },
      ...kafka(sagas, usage, settings),
      { what: 'metrics of the saga', quantity: coming * usage.metricSeries, price: 'customMetric' },
    ],
  }
}

export const gigabytes = ({ memoryMegabytes }: Pick<CostSettings, 'memoryMegabytes'>) => memoryMegabytes / 1024
export const secondsOf = (invocations: number, more = 0) => invocations * ASSUMED.invocationSeconds + more

function kafka(sagas: number, { messageBytes }: Usage, { kafka: { kind }, retention }: CostSettings): Item[] {
  // Outside AWS the bill is another's, and so is the way there.
  if (kind === 'self-managed') return []
  const gb = (sagas * messageBytes) / GB
  const express = kind === 'msk-express'
  return [
    ...(express ? [{ what: 'messages written', quantity: gb, price: 'mskExpressWritten' } as const] : []),
    // A Standard broker's storage is there already, and priced at rest.
    ...(express
      ? [
          {
            what: 'messages kept',
            quantity: (gb * retention.topicDays) / DAYS_A_MONTH,
            price: 'mskStorage',
          } as const,
        ]
      : []),
    // Written once and read once, each leaving one zone and entering another.
    { what: 'messages between zones', quantity: gb * 2 * 2 * ASSUMED.acrossZones, price: 'betweenZones' },
    { what: 'calls of the payment provider', quantity: (sagas * ASSUMED.providerBytes) / GB, price: 'natGb' },
  ]
}
