import { read } from '#engine/adapters/lambda/environment.ts'
import { httpFunction } from '#engine/adapters/lambda/http-function.ts'
import type { Catalog } from '#engine/catalog/catalog.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import * as z from 'zod'
import { deadLettersTable } from '../dead-letters/tables.ts'
import { createDeadLetterApi } from './api.ts'
import { ownersOf } from './handled.ts'

const OWN_NAME = 'dead-letters-api'

export function handlerFor({ domains }: Pick<Catalog, 'domains'>) {
  const { TOPICS } = read(z.object({ TOPICS: z.string() }))
  const owners = ownersOf(domains)
  const sagas = domains.flatMap(domain => domain.sagas)
  const tables = [...owners.values()].map(({ table }) => table)
  /** What a stage puts before a function's name: dead letters bear it too. */
  const prefix = (process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? OWN_NAME).replace(new RegExp(`${OWN_NAME}$`), '')
  return httpFunction([...new Set([deadLettersTable, sagasTable, ...tables])], ports =>
    createDeadLetterApi({
      ...ports,
      sagas,
      topics: TOPICS.split(','),
      ownerOf: consumer => owners.get(consumer.startsWith(prefix) ? consumer.slice(prefix.length) : consumer),
    }),
  )
}
