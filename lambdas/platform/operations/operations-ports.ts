import type { mendableOf } from '#engine/catalog/catalog.ts'
import type { ApiPorts } from '#engine/http/api-ports.ts'
import type { SagaDefinition } from '#engine/saga/definition.ts'
import type { Consumers } from './consumers.ts'

export interface OperationsPorts extends ApiPorts {
  /** Every version of every saga that is deployed. */
  readonly definitions: readonly SagaDefinition[]
  /** Every consumer that is deployed. */
  readonly consumers: Consumers
  /** The services whose messages can be mended. */
  readonly services?: ReturnType<typeof mendableOf>
}
