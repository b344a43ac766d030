import { httpFunction } from '#engine/adapters/lambda/http-function.ts'
import type { Catalog } from '#engine/catalog/catalog.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { deadLettersTable } from '../dead-letters/tables.ts'
import { createOperationsApi } from './api.ts'
import { sagaActionsTable } from './tables.ts'

export const handlerFor = ({ domains }: Pick<Catalog, 'domains'>) =>
  httpFunction([sagasTable, sagaActionsTable, deadLettersTable], ports =>
    createOperationsApi({ ...ports, definitions: domains.flatMap(({ sagas }) => sagas) }),
  )
