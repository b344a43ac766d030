import { type ApiContext, createApi } from '#engine/http/api.ts'
import type { ApiPorts } from '#engine/http/api-ports.ts'
import { idParam } from '#engine/http/ids.ts'
import { notFound } from '#engine/http/problem.ts'
import { serve, showing } from '#engine/http/route.ts'
import type { Item } from '#engine/model/ports.ts'
import { quotesTable } from '../quote/tables.ts'
import { PolicyShown, policyRoutes } from './routes.ts'
import { policiesTable } from './tables.ts'

/** `GET /policies/{policyID}`. A policy belongs to whom its quote belongs to; operators read everybody's. */
export function createPolicyApi(ports: Pick<ApiPorts, 'store' | 'log'>) {
  return serve(createApi(ports.log), policyRoutes, {
    showPolicy: async c => c.json(shown(await readPolicy(c, ports))),
  })
}

/** The policy in the path. Throws 404 for what is not there or was never issued, and for another's. */
async function readPolicy(c: ApiContext, { store }: Pick<ApiPorts, 'store'>): Promise<Item> {
  const { sub, operator } = c.var.identity
  const policyID = idParam(c, 'policyID')
  const partition = { field: 'policyID', value: policyID }
  const { items } = await store.query({ table: policiesTable.name, index: 'byPolicy', partition, limit: 1 })
  const quoteID = items[0]?.['quoteID']
  const [policy, quote] =
    typeof quoteID === 'string'
      ? await store.read([
          { table: policiesTable.name, key: { quoteID } },
          { table: quotesTable.name, key: { quoteID } },
        ])
      : []
  const issued = policy?.['premium'] !== undefined
  if (!policy || !issued || (quote?.['owner'] !== sub && !operator)) throw notFound(`The policy ${policyID}`)
  return policy
}

const shown = showing(PolicyShown)
