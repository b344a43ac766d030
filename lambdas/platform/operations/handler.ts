import { httpFunction } from '#engine/adapters/lambda/http-function.ts'
import { type Catalog, mendableOf } from '#engine/catalog/catalog.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { deadLettersTable } from '../dead-letters/tables.ts'
import { createOperationsApi } from './api.ts'
import { sagaActionsTable } from './tables.ts'

export function handlerFor(deployed: Pick<Catalog, 'domains'>) {
  const services = mendableOf(deployed)
  const tables = services.map(({ aggregate }) => aggregate.table)
  const definitions = deployed.domains.flatMap(({ sagas }) => sagas)
  return httpFunction([sagasTable, sagaActionsTable, deadLettersTable, ...tables], ports =>
    createOperationsApi({ ...ports, definitions, services }),
  )
}
