import type { Hono } from 'hono'
import { tableName } from '../adapters/lambda/environment.ts'
import { dynamoDbStore } from '../adapters/dynamodb/store.ts'
import { systemClock } from '../adapters/node/clock.ts'
import { jsonLog } from '../adapters/node/log.ts'
import type { Table } from '../model/aggregate.ts'
import type { Clock, Log, Store } from '../model/ports.ts'
import type { ApiEnv } from './api.ts'
import { lambdaHandler, type ProxyEvent, type ProxyResult } from './lambda.ts'

/** What an API gets of the world. */
export interface ApiPorts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** A new random id: 32 hexadecimal digits. */
  readonly newId: () => string
}

/** An API as a Lambda function on real ports. `tables`: those that it uses, by the environment's physical names. */
export function httpFunction(
  tables: readonly Table[],
  createApp: (ports: ApiPorts) => Hono<ApiEnv>,
): (event: ProxyEvent) => Promise<ProxyResult> {
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
