import { ConsumersEnvironment, read } from '#engine/adapters/lambda/environment.ts'
import { httpFunction } from '#engine/adapters/lambda/http-function.ts'
import type { Catalog } from '#engine/catalog/catalog.ts'
import { consumersTable } from '#engine/delivery/failure-entry.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { deadLettersTable } from '../dead-letters/tables.ts'
import { createOperationsApi } from './api.ts'
import { sagaActionsTable } from './tables.ts'

export const handlerFor = ({ domains }: Pick<Catalog, 'domains'>) =>
  httpFunction([sagasTable, sagaActionsTable, deadLettersTable, consumersTable], ports =>
    createOperationsApi({
      ...ports,
      definitions: domains.flatMap(({ sagas }) => sagas),
      // As deployed: a stage names functions and topics.
      consumers: read(ConsumersEnvironment).CONSUMERS,
    }),
  )
