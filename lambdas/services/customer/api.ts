import { type ApiContext, createApi } from '#engine/http/api.ts'
import { readBody } from '#engine/http/body.ts'
import type { ApiPorts } from '#engine/http/api-ports.ts'
import { idParam } from '#engine/http/ids.ts'
import { HttpProblem, notFound } from '#engine/http/problem.ts'
import { serve, showing } from '#engine/http/route.ts'
import { CustomerShown, customerRoutes } from './routes.ts'
import { customersTable } from './tables.ts'

/** `POST /customers`, `GET /customers/{customerId}`: operators only. */
export function createCustomerApi(ports: Pick<ApiPorts, 'store' | 'log' | 'newId'>) {
  return serve(createApi(ports.log), customerRoutes, {
    createCustomer: c => createCustomer(c, ports),
    showCustomer: c => showCustomer(c, ports),
  })
}

async function createCustomer(c: ApiContext, { store, newId }: Pick<ApiPorts, 'store' | 'newId'>): Promise<Response> {
  const { customerId = newId(), name } = await readBody(c, customerRoutes.createCustomer.body)
  // The request's id tells a repetition of this very write from another request for the same customer.
  const item = { customerId, name, policyCount: 0, request: c.env.requestId, version: 1 }
  const [result] = await store.commit([{ ref: refOf(customerId), previous: undefined, item }])
  if (result?.outcome === 'lost')
    throw new HttpProblem('conflict', { detail: `A customer ${customerId} exists already: choose another customerId.` })
  if (result?.outcome !== 'committed') throw result?.error ?? new Error('the store gave no result')
  c.header('location', `/customers/${customerId}`)
  return c.json(shown(item), 201)
}

async function showCustomer(c: ApiContext, { store }: Pick<ApiPorts, 'store'>): Promise<Response> {
  const customerId = idParam(c, 'customerId')
  const [item] = await store.read([refOf(customerId)])
  if (!item) throw notFound(`The customer ${customerId}`)
  return c.json(shown(item))
}

const refOf = (customerId: string) => ({ table: customersTable.name, key: { customerId } })

const shown = showing(CustomerShown)
