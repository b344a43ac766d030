import { read } from '#engine/adapters/lambda/environment.ts'
import { httpFunction } from '#engine/adapters/lambda/http-function.ts'
import { mendableOf } from '#engine/catalog/catalog.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { servicesAndSagasFor } from '../../catalog.ts'
import { QuotingEnvironment } from '../../quoting.ts'
import { deadLettersTable } from '../dead-letters/tables.ts'
import { createOperationsApi } from './api.ts'
import { sagaActionsTable } from './tables.ts'

const deployed = servicesAndSagasFor(read(QuotingEnvironment).QUOTING)
const definitions = deployed.domains.flatMap(domain => domain.sagas)
const services = mendableOf(deployed)
const tables = services.map(({ aggregate }) => aggregate.table)

export const handler = httpFunction([sagasTable, sagaActionsTable, deadLettersTable, ...tables], ports =>
  createOperationsApi({ ...ports, definitions, services }),
)
