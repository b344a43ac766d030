import type { Hono } from 'hono'
import type { ApiEnv } from '../../http/api.ts'
import type { ApiPorts } from '../../http/api-ports.ts'
import { lambdaHandler } from '../../http/lambda.ts'
import type { Table } from '../../model/aggregate.ts'
import { dynamoDbStore } from '../dynamodb/store.ts'
import { systemClock } from '../node/clock.ts'
import { jsonLog } from '../node/log.ts'
import { tableName } from './environment.ts'

/** An API as a Lambda function on real ports. `tables`: those that it uses, by the environment's physical names. */
export function httpFunction(
  tables: readonly Table[],
  createApp: (ports: ApiPorts) => Hono<ApiEnv>,
): ReturnType<typeof lambdaHandler> {
  const log = jsonLog()
  const physical = tables.map(table => [table.name, { physicalName: tableName(table.name), table }] as const)
  return lambdaHandler(
    createApp({
      store: dynamoDbStore({ tables: Object.fromEntries(physical), log }),
      clock: systemClock,
      log,
      newId: () => crypto.randomUUID().replaceAll('-', ''),
    }),
  )
}
