import { orchestrator } from '../../saga/decide.ts'
import type { SagaDefinition } from '../../saga/define.ts'
import { historyTable } from '../../saga/tables.ts'
import { type KafkaHandler, kafkaHandler } from './kafka-handler.ts'

/** The orchestrator of a saga as a Lambda function. `older`: versions of the definition that still have running sagas. */
export function sagaHandler(current: SagaDefinition, ...older: readonly SagaDefinition[]): KafkaHandler {
  const tables = current.history ? [historyTable(current.history.table, current.key)] : []
  return kafkaHandler(orchestrator(current, ...older), { tables })
}
