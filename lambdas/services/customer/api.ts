import * as z from 'zod'
import { type ApiContext, createApi } from '#shared/http/api.ts'
import { readBody } from '#shared/http/body.ts'
import type { ApiPorts } from '#shared/http/function.ts'
import { requireOperator } from '#shared/http/identity.ts'
import { Id, idParam } from '#shared/http/ids.ts'
import { HttpProblem, notFound } from '#shared/http/problem.ts'
import type { Item } from '#shared/ports.ts'
import { customersTable } from './tables.ts'

/** `POST /customers`, `GET /customers/{customerId}`: operators only. */
export function createCustomerApi(ports: Pick<ApiPorts, 'store' | 'log' | 'newId'>) {
  const app = createApi(ports.log)
  app.post('/customers', c => createCustomer(c, ports))
  app.get('/customers/:customerId', c => showCustomer(c, ports))
  return app
}

const NAME_MAX = 200
const NewCustomer = z.object({ customerId: Id.optional(), name: z.string().trim().min(1).max(NAME_MAX) })

async function createCustomer(c: ApiContext, { store, newId }: Pick<ApiPorts, 'store' | 'newId'>): Promise<Response> {
  requireOperator(c.var.identity)
  const { customerId = newId(), name } = await readBody(c, NewCustomer)
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
  requireOperator(c.var.identity)
  const customerId = idParam(c, 'customerId')
  const [item] = await store.read([refOf(customerId)])
  if (!item) throw notFound(`The customer ${customerId}`)
  return c.json(shown(item))
}

const refOf = (customerId: string) => ({ table: customersTable.name, key: { customerId } })

/** A customer as operators see it. */
const shown = ({ customerId, name, policyCount }: Item) => ({ customerId, name, policyCount })
