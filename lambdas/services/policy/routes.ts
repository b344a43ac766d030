/** The API of policies. A policy belongs to whom its quote belongs to. */
import { Id } from '#engine/http/ids.ts'
import type { Routes } from '#engine/http/route.ts'
import { id } from '#engine/model/fields.ts'
import * as z from 'zod'

/** A policy as callers see it. */
export const PolicyShown = z
  .object({
    policyID: Id,
    quoteID: id,
    customerId: id,
    premium: z.number(),
    status: z.enum(['ACTIVE', 'CANCELLED']),
  })
  .meta({ id: 'Policy' })

export const policyRoutes = {
  showPolicy: {
    method: 'GET',
    path: '/policies/{policyID}',
    summary: 'Shows a policy, to the owner of its quote and to operators.',
    callers: 'owner-or-operators',
    answers: [{ status: 200, description: 'The policy.', schema: PolicyShown }],
  },
} as const satisfies Routes
