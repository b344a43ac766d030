import { ConsumersEnvironment, read } from '#engine/adapters/lambda/environment.ts'
import { httpFunction } from '#engine/adapters/lambda/http-function.ts'
import { consumersTable } from '#engine/delivery/failure-entry.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { servicesAndSagasFor } from '../../catalog.ts'
import { QuotingEnvironment } from '../../quoting.ts'
import { deadLettersTable } from '../dead-letters/tables.ts'
import { createOperationsApi } from './api.ts'
import { sagaActionsTable } from './tables.ts'

const definitions = servicesAndSagasFor(read(QuotingEnvironment).QUOTING).domains.flatMap(domain => domain.sagas)

/** As deployed: a stage names functions and topics. */
const { CONSUMERS: consumers } = read(ConsumersEnvironment)

export const handler = httpFunction([sagasTable, sagaActionsTable, deadLettersTable, consumersTable], ports =>
  createOperationsApi({ ...ports, definitions, consumers }),
)
