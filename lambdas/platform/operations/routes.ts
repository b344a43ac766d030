/** The operators' API of sagas. */
import { pageOf } from '#engine/http/paging.ts'
import type { Routes } from '#engine/http/route.ts'
import { words } from '#engine/http/words.ts'
import { id } from '#engine/model/fields.ts'
import { time } from '#engine/model/time.ts'
import * as z from 'zod'

export const STATUSES = ['STUCK', 'COMPENSATING', 'RUNNING', 'ABORTED', 'COMPLETED'] as const
const REASON_MAX = 1000

const reason = words(REASON_MAX).describe('Why, for the timeline.')
export const Because = z.object({ reason })
export const Resolution = z.object({
  reason,
  outcome: z.enum(['done', 'refused']).describe('What the missing reply would have said.'),
  reply: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('The data of the missing reply; `{type, data}` where the command has several.'),
})

const at = z.iso.datetime()
const summary = {
  saga: z.string(),
  id: z.string(),
  status: z.enum(STATUSES),
  step: z.string().describe('Where it is, or was last.'),
  updatedAt: at,
}
export const SagaSummary = z.object(summary).meta({ id: 'SagaSummary' })

export const SagaShown = z
  .object({
    ...summary,
    version: z.int().describe('Of its definition.'),
    reason: z.string().optional().describe('Why it is, or was, undone.'),
    waitingFor: z.string().optional().describe('The command whose reply is missing.'),
    attempt: z.int().describe('How often that command was sent.'),
    wakesAt: at.optional().describe('When that is late.'),
    deadlineAt: at.describe('When the saga as a whole is late.'),
    lastError: z.string().optional(),
    deadLetters: z.array(z.string()).describe('Its dead letters, the latest first.'),
    timeline: z.array(
      z.object({
        at,
        step: z.string(),
        what: z.string().describe('The type of the message that was handled.'),
        ledTo: z.string().describe('Where that led: do, undo, settle or abort of the step, or a status.'),
        messageId: z.string(),
        by: z.string().optional().describe('The operator.'),
        reason: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Saga' })

export const Republishing = z.object({
  reason,
  dryRun: z.boolean().optional().describe('Shows what would be published, and changes nothing.'),
})
const data = z.record(z.string(), z.unknown())
export const Republished = z
  .object({
    service: z.string(),
    id: z.string(),
    version: z.int().describe('Of the item that held what was published.'),
    messages: z.array(
      z.object({
        id: z
          .string()
          .describe('As before: a receiver that handled the message that this replaces takes it for a duplicate.'),
        type: z.string(),
        changed: z.array(z.string()).describe('The fields that differ from what was published.'),
        before: data.describe('What was published, without secrets.'),
        after: data.describe('What is published now, without secrets.'),
      }),
    ),
    receivers: z.string().describe('What becomes of it at those who receive it.'),
    deadLetters: z
      .array(z.string())
      .describe(
        'Dead letters of its saga, the latest first: one that holds a message which is replaced is to be discarded.',
      ),
    actionId: z.string().optional().describe('Its entry in the table `saga-actions`; none of a dry run.'),
  })
  .meta({ id: 'Republished' })

const accepted = {
  status: 202,
  description: 'It is recorded, and published to the saga.',
  schema: SagaSummary,
} as const

/** A saga's id may be another system's: any text that an address can hold. */
const ofSaga = { id }

export const operationsRoutes = {
  listSagas: {
    method: 'GET',
    path: '/sagas',
    summary: 'Lists sagas, STUCK ones first; of one status the latest first.',
    callers: 'operators',
    query: [
      { name: 'saga', description: 'Only those of this kind.', schema: z.string() },
      { name: 'status', description: 'Only those with this status.', schema: z.enum(STATUSES) },
      {
        name: 'startedBefore',
        description: 'Only those that began before this time.',
        schema: time,
      },
    ],
    pages: true,
    answers: [{ status: 200, description: 'A page of sagas.', schema: pageOf(SagaSummary) }],
  },
  showSaga: {
    method: 'GET',
    params: ofSaga,
    path: '/sagas/{saga}/{id}',
    summary: 'Shows a saga with its timeline.',
    callers: 'operators',
    answers: [{ status: 200, description: 'The saga.', schema: SagaShown }],
  },
  retrySaga: {
    method: 'POST',
    params: ofSaga,
    path: '/sagas/{saga}/{id}/retry',
    summary: 'Sends the command that a saga waits for once more, with the id that it had.',
    callers: 'operators',
    body: Because,
    answers: [accepted],
    problems: ['conflict'],
  },
  abortSaga: {
    method: 'POST',
    params: ofSaga,
    path: '/sagas/{saga}/{id}/abort',
    summary: 'Gives a saga up and undoes what was done, before its point of no return.',
    callers: 'operators',
    body: Because,
    answers: [accepted],
    problems: ['conflict'],
  },
  resolveSaga: {
    method: 'POST',
    params: ofSaga,
    path: '/sagas/{saga}/{id}/resolve',
    summary: 'Says what the missing reply was.',
    callers: 'operators',
    body: Resolution,
    answers: [accepted],
    problems: ['conflict'],
  },
  republish: {
    method: 'POST',
    path: '/services/{service}/{id}/republish',
    summary: "Decides again what a service's last commit published, and publishes it under the same ids.",
    description:
      'For messages that a bug made wrong: after its repair. What is published follows from the state, as the service declares. Harmless however often.',
    callers: 'operators',
    body: Republishing,
    answers: [
      { status: 202, description: 'It is recorded, and the change feed publishes it.', schema: Republished },
      { status: 200, description: 'A dry run: what would be published.', schema: Republished },
    ],
    problems: ['conflict'],
  },
} as const satisfies Routes
