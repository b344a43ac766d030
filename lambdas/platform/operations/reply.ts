import type { FieldError } from '#shared/http/problem.ts'
import { unknownFields } from '#shared/http/unknown.ts'
import { askedOf } from '#shared/saga/moves.ts'
import type { Operation } from '#shared/saga/operations.ts'
import { resolutionOf } from '#shared/saga/resolution.ts'
import type { SagaState } from '#shared/saga/state.ts'
import type { SagaDefinition } from '#shared/saga/types.ts'
import * as z from 'zod'

/**
 * What an operator's reply names and the missing one does not have. It becomes a message, and those are tolerant; but a
 * person wrote it, and an optional field that is misspelt would be left out.
 */
export function unknownInReply(
  definition: SagaDefinition,
  state: SagaState,
  { outcome, reply = {} }: Extract<Operation, { kind: 'resolve' }>,
): FieldError[] {
  const { command } = askedOf(definition, state)
  const options = outcome === 'done' ? command.done : command.refused
  const resolution = resolutionOf(options, reply, { idNeeded: state.doing === 'do' })
  if (!resolution || 'problem' in resolution) return []
  const { schema, idField } = resolution.reply
  if (!(schema instanceof z.ZodObject)) throw new Error(`${resolution.reply.type}: its schema is not an object of zod`)
  // The id of what it is about stands among the data; which reply it is, beside them or among them.
  const data = schema.extend({ [idField]: z.unknown() })
  const said = reply['data'] === undefined ? data.extend({ type: z.unknown() }) : z.object({ type: z.unknown(), data })
  return unknownFields(said, reply, ['reply'])
}
