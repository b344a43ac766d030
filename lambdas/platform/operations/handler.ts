import { read } from '#engine/adapters/lambda/environment.ts'
import { httpFunction } from '#engine/adapters/lambda/http-function.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { servicesAndSagasFor } from '../../catalog.ts'
import { QuotingEnvironment } from '../../quoting.ts'
import { deadLettersTable } from '../dead-letters/tables.ts'
import { createOperationsApi } from './api.ts'
import { sagaActionsTable } from './tables.ts'

const definitions = servicesAndSagasFor(read(QuotingEnvironment).QUOTING).domains.flatMap(domain => domain.sagas)

export const handler = httpFunction([sagasTable, sagaActionsTable, deadLettersTable], ports =>
  createOperationsApi({ ...ports, definitions }),
)
