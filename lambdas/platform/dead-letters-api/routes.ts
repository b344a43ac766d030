/** The API of dead letters, for operators: see them, send them back, or set them aside. */
import { words } from '#engine/http/words.ts'
import * as z from 'zod'
import type { HeaderField } from '#engine/catalog/catalog.ts'
import { Cursor, pageOf } from '#engine/http/paging.ts'
import type { Routes } from '#engine/http/route.ts'
import { time } from '#engine/model/time.ts'
import { letterStatuses } from '../dead-letters/dead-letter-item.ts'

const Status = z.enum(letterStatuses)
export const TopicName = z.string().regex(/^[A-Za-z0-9._-]{1,249}$/, 'is no name of a topic')

/** A dead letter as lists show it. */
export const LetterShown = z
  .object({
    id: z.string(),
    topic: z.string().describe('Where a redrive sends it.'),
    reason: z.string().describe('`NOT_JSON`, `INVALID`, `UNKNOWN_TYPE`, `REFUSED`, `RETRY_ATTEMPTS_EXHAUSTED` …'),
    error: z.string(),
    key: z.string().nullable().describe("The record's key, as text, or as base64 if it is no UTF-8."),
    keyEncoding: z.literal('base64').optional().describe('There if the key is shown as base64.'),
    at: z.iso.datetime().describe('When it came to the dead letters.'),
    consumer: z.string().describe('The function that gave up on it, if somebody says so.'),
    attempts: z.int(),
    status: Status,
  })
  .meta({ id: 'DeadLetter' })

/** The saga that a letter belongs to, as it is now. */
export const SagaSeen = z.object({
  saga: z.string(),
  id: z.string(),
  status: z.enum(['RUNNING', 'COMPENSATING', 'COMPLETED', 'ABORTED', 'STUCK']),
  step: z.string(),
})
export type SagaSeen = z.infer<typeof SagaSeen>

const sagaFields = {
  saga: SagaSeen.optional().describe('The saga that it belongs to, as it is now.'),
  warning: z.string().optional().describe('Why a redrive may change nothing any more.'),
}

/** The same with what a decision needs to know. */
export const LetterDetail = LetterShown.extend({
  partition: z.int(),
  offset: z.int(),
  messageId: z.string().describe('The id that it is known by; a redrive keeps it.'),
  type: z.string().optional(),
  value: z.string().nullable().describe('As text, or as base64 if it is no UTF-8.'),
  valueEncoding: z.enum(['utf8', 'base64']),
  valueBytes: z.int().describe('Of the whole value, which is shown up to 3 MB.'),
  headers: z
    .record(z.string(), z.string())
    .describe("The record's own, as text; of several with one name the last. `headerList` has all that there is."),
  headerList: z
    .array(z.object({ name: z.string(), value: z.string().nullable(), valueEncoding: z.enum(['utf8', 'base64']) }))
    .describe("The record's own in their order, each one that has a name, and as base64 what is no UTF-8."),
  ...sagaFields,
  decisions: z
    .array(z.object({ status: Status, by: z.string(), reason: z.string(), at: z.string() }))
    .describe('Who decided what, and why; oldest first.'),
}).meta({ id: 'DeadLetterDetail' })

/** What a decision answers. */
export const LetterDecided = LetterShown.extend(sagaFields).meta({ id: 'DeadLetterDecided' })

const why = words(1000)
const Why = z.object({ reason: why.describe('Why, for the record.') })

export const RedriveMany = z
  .object({
    reason: why.describe('Why, for the record.'),
    topic: TopicName.optional(),
    all: z.literal(true).optional().describe('In the place of a topic: of every topic.'),
    only: z
      .object({
        reason: z.string().optional().describe('Why they are dead: `INVALID`.'),
        consumer: z.string().optional().describe('Who gave up on them.'),
        from: time.optional().describe('Came at this time or later.'),
        to: time.optional().describe('Came at this time or before.'),
      })
      .optional(),
    limit: z.int().min(1).max(100).default(100).describe('How many this request looks at.'),
    cursor: Cursor.optional().describe('Of the answer before: goes on from there.'),
  })
  .refine(({ topic, all }) => (topic === undefined) === (all === true), {
    path: ['topic'],
    message: 'is needed, or `all: true` in its place',
  })

const RedrivenMany = z.object({
  redriven: z.int().describe('How many this request sent back.'),
  passed: z.int().describe('How many it looked at and left: others, or decided on meanwhile.'),
  left: z.int().describe('How many are still to be looked at; counted to 1000.'),
  warnings: z.array(z.object({ id: z.string(), saga: SagaSeen.optional(), warning: z.string() })),
  passedOver: z
    .array(z.object({ id: z.string(), saga: SagaSeen.optional(), why: z.string() }))
    .describe('Commands that their sagas do not wait for: they still wait here, and can be discarded. Among `passed`.'),
  cursor: z.string().optional().describe('To go on; there is none after the last.'),
})

const query = (name: string, description: string, schema: z.ZodType): HeaderField => ({ name, description, schema })

export const deadLetterRoutes = {
  listDeadLetters: {
    method: 'GET',
    path: '/dead-letters',
    summary: 'Lists the dead letters of the last 30 days, newest first.',
    callers: 'operators',
    query: [
      query('topic', 'Only those of this topic.', TopicName),
      query('status', 'Only those with this status.', Status),
    ],
    pages: true,
    answers: [{ status: 200, description: 'A page of dead letters.', schema: pageOf(LetterShown) }],
  },
  showDeadLetter: {
    method: 'GET',
    path: '/dead-letters/{id}',
    summary: 'Shows a dead letter with its bytes, and the saga that it belongs to as it is now.',
    callers: 'operators',
    answers: [{ status: 200, description: 'The dead letter.', schema: LetterDetail }],
  },
  redriveDeadLetter: {
    method: 'POST',
    path: '/dead-letters/{id}/redrive',
    summary: 'Sends a record back to its topic, with its own key, value, headers and id.',
    description:
      'It keeps its id, so a second time is harmless; so is one that was discarded. `warning` says when its saga has ended or moved on. A command that its saga does not wait for is a conflict: it would be carried out for nobody.',
    callers: 'operators',
    body: Why,
    answers: [{ status: 202, description: 'It is on its way.', schema: LetterDecided }],
    problems: ['conflict'],
  },
  discardDeadLetter: {
    method: 'POST',
    path: '/dead-letters/{id}/discard',
    summary: 'Sets a dead letter aside: nobody has to look at it any more.',
    description: 'What its consumer has handled after all can only be redriven: what it caused would be lost.',
    callers: 'operators',
    body: Why,
    answers: [{ status: 202, description: 'It is set aside.', schema: LetterDecided }],
    problems: ['conflict'],
  },
  redriveDeadLetters: {
    method: 'POST',
    path: '/dead-letters/redrive',
    summary: 'Sends back the records of a topic, or of all, that wait: oldest first, at most a hundred a request.',
    description:
      'Send the same request with the `cursor` of its answer until there is none. What arrives meanwhile is not among them. Commands that their sagas do not wait for are passed over, and named.',
    callers: 'operators',
    body: RedriveMany,
    problems: ['invalid-cursor'],
    answers: [{ status: 202, description: 'They are on their way.', schema: RedrivenMany }],
  },
} as const satisfies Routes

/** A cursor's content: the last letter's `arrived`, and for a redrive what came after its first request. */
export const Position = z.string().regex(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z#[0-9a-f]{32}$/)
export const RedrivePosition = z.object({ after: Position, to: z.iso.datetime() })
