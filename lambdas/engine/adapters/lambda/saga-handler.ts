import type { Table } from '../../model/aggregate.ts'
import { orchestrator } from '../../saga/orchestrator.ts'
import type { SagaDefinition } from '../../saga/builder.ts'
import { type StreamDrivenSettings, streamOrchestrator } from '../../event-store/stream-orchestrator.ts'
import { historyTable } from '../../saga/saga-tables.ts'
import type { KafkaEvent } from './kafka-event.ts'
import {
  consumerFunction,
  type InvocationContext,
  type KafkaBatchResponse,
  type KafkaHandler,
  kafkaHandler,
} from './kafka-handler.ts'
import { newImagesOf, type StreamBatchResponse, type StreamEvent } from './stream-event.ts'

/** The orchestrator of a saga as a Lambda function. `older`: versions of the definition that still have running sagas. */
export function sagaHandler(current: SagaDefinition, ...older: readonly SagaDefinition[]): KafkaHandler {
  return kafkaHandler(orchestrator(current, ...older), { tables: historiesOf([current, ...older]) })
}

/** The same, driven by an event store: its change feed triggers it, `saga-control` is read as ever. */
export function streamSagaHandler(
  settings: StreamDrivenSettings,
  current: SagaDefinition,
  ...older: readonly SagaDefinition[]
): (event: KafkaEvent | StreamEvent, context?: InvocationContext) => Promise<KafkaBatchResponse | StreamBatchResponse> {
  const tables = [settings.store.table, ...historiesOf([current, ...older])]
  const { consumer, log, handle } = consumerFunction(streamOrchestrator(settings, current, ...older), { tables })
  return async (event, context) => {
    if (!('Records' in event)) return handle(event, context)
    const triggered = newImagesOf(event)
    const failed = await consumer.onStreamEvents(triggered.map(({ item }) => item))
    // Each that failed and all after it come again: those that were handled change nothing.
    const first = triggered.find(({ item }) => failed.has(item))
    if (!first) return { batchItemFailures: [] }
    log.warn('change-feed.retry', { records: failed.size, error: failed.get(first.item) })
    return { batchItemFailures: [{ itemIdentifier: first.sequenceNumber }] }
  }
}

/** Older versions may keep theirs elsewhere. */
const historiesOf = (versions: readonly SagaDefinition[]): Table[] =>
  versions.flatMap(({ history, key }) => (history ? [historyTable(history.table, key)] : []))
