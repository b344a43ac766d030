/** The operators' API of consumers. */
import type { Routes } from '#engine/http/route.ts'
import * as z from 'zod'

export const ConsumerShown = z
  .object({
    consumer: z.string().describe('The function, as logs and dead letters name it.'),
    topic: z.string().describe('One that it reads, without the prefix of the environment.'),
    failingSince: z.iso.datetime().optional().describe('It fails, and has since then; left out: it does not.'),
    lastError: z.string().optional().describe('Why it fails, by the last time that this was written (every 30 s).'),
    blockedRecord: z
      .object({ topic: z.string(), partition: z.int(), offset: z.int() })
      .optional()
      .describe('The first record that it can not handle, of the partition that has failed for longest.'),
  })
  .meta({ id: 'Consumer' })

export const consumersRoutes = {
  listConsumers: {
    method: 'GET',
    path: '/consumers',
    summary: 'Lists every consumer by the topics that it reads: whether it fails, since when and why.',
    description:
      'What has not failed for three minutes is not failing any more. How far a consumer is behind its topic is not said yet: the dashboard shows that.',
    callers: 'operators',
    answers: [{ status: 200, description: 'All consumers.', schema: z.object({ items: z.array(ConsumerShown) }) }],
  },
} as const satisfies Routes
