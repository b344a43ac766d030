/** The API of customers: for operators alone. */
import { Id } from '#engine/http/ids.ts'
import { locationHeader, type Routes } from '#engine/http/route.ts'
import { words } from '#engine/http/words.ts'
import * as z from 'zod'

const NAME_MAX = 200
const name = words(NAME_MAX)

export const NewCustomer = z.object({ customerId: Id.optional().describe('One is made if it is left out.'), name })

/** A customer as operators see it. */
export const CustomerShown = z
  .object({ customerId: Id, name, policyCount: z.int().describe('How many policies the customer has.') })
  .meta({ id: 'Customer' })

export const customerRoutes = {
  createCustomer: {
    method: 'POST',
    path: '/customers',
    summary: 'Makes a customer.',
    callers: 'operators',
    body: NewCustomer,
    answers: [{ status: 201, description: 'The customer.', schema: CustomerShown, headers: [locationHeader] }],
    problems: ['conflict'],
  },
  showCustomer: {
    method: 'GET',
    path: '/customers/{customerId}',
    summary: 'Shows a customer.',
    callers: 'operators',
    answers: [{ status: 200, description: 'The customer.', schema: CustomerShown }],
  },
} as const satisfies Routes
