import { read } from '#shared/adapters/lambda/environment.ts'
import { httpFunction } from '#shared/http/function.ts'
import { sagasTable } from '#shared/saga/tables.ts'
import { catalogFor } from '../../catalog.ts'
import { QuotingEnvironment } from '../../quoting.ts'
import { createOperationsApi } from './api.ts'
import { sagaActionsTable } from './tables.ts'

const definitions = catalogFor(read(QuotingEnvironment).QUOTING).domains.flatMap(domain => domain.sagas)

export const handler = httpFunction([sagasTable, sagaActionsTable], ports =>
  createOperationsApi({ ...ports, definitions }),
)
