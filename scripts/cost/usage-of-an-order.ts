/** What an order uses, counted on one that runs through the domain's own consumers in this process, on memory. */
import { jsonLog } from '#engine/adapters/node/log.ts'
import { orderSaga } from '../../lambdas/sagas/order/saga.ts'
import { placeInBatches } from './orders-in-process.ts'
import type { Usage } from './usage.ts'

export async function usageOfAnOrder(): Promise<Usage> {
  const lines: string[] = []
  const logOf = (service: string) => jsonLog({ service, write: line => void lines.push(line), now: () => 0 })
  const placed = await placeInBatches(1, undefined, logOf)
  if (placed.statuses[0] !== 'APPROVED') throw new Error(`the order ended as ${JSON.stringify(placed.statuses)}`)
  const units = (writes: typeof placed.writes) => writes.reduce((sum, { base, indexes }) => sum + base + indexes, 0)
  return {
    steps: orderSaga.steps.length,
    writeUnits: units(placed.writes),
    sagaWriteUnits: units(placed.writes.filter(({ table }) => table === 'sagas')),
    readUnits: Object.values(placed.asked).reduce((sum, count) => sum + count, 0),
    sagaReadUnits: placed.asked['sagas'] ?? 0,
    messages: placed.messages,
    messageBytes: placed.messageBytes,
    invocations: placed.invocations,
    keptBytes: placed.keptBytes,
    logBytes: lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0),
    metricSeries: new Set(lines.flatMap(seriesOf)).size,
  }
}

interface EmbeddedMetrics {
  readonly _aws?: {
    readonly CloudWatchMetrics: readonly {
      readonly Dimensions: readonly (readonly string[])[]
      readonly Metrics: readonly { readonly Name: string }[]
    }[]
  }
}

/** The series that a line of log adds to. */
function seriesOf(line: string): string[] {
  const fields = JSON.parse(line) as EmbeddedMetrics & Readonly<Record<string, unknown>>
  return (fields._aws?.CloudWatchMetrics ?? []).flatMap(({ Dimensions, Metrics }) =>
    Dimensions.flatMap(names =>
      Metrics.map(({ Name }) => JSON.stringify([Name, ...names.toSorted().map(name => [name, fields[name]])])),
    ),
  )
}
