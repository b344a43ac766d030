import { ConsumersEnvironment, read } from '#engine/adapters/lambda/environment.ts'
import { httpFunction } from '#engine/adapters/lambda/http-function.ts'
import { type Catalog, mendableOf } from '#engine/catalog/catalog.ts'
import { consumersTable } from '#engine/delivery/failure-entry.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { deadLettersTable } from '../dead-letters/tables.ts'
import { createOperationsApi } from './api.ts'
import { sagaActionsTable } from './tables.ts'

export function handlerFor(deployed: Pick<Catalog, 'domains'>) {
  const services = mendableOf(deployed)
  const tables = services.map(({ aggregate }) => aggregate.table)
  const definitions = deployed.domains.flatMap(({ sagas }) => sagas)
  return httpFunction([sagasTable, sagaActionsTable, deadLettersTable, consumersTable, ...tables], ports =>
    // As deployed: a stage names functions and topics.
    createOperationsApi({ ...ports, definitions, services, consumers: read(ConsumersEnvironment).CONSUMERS }),
  )
}
