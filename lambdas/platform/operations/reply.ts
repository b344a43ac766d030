import type { FieldError } from '#engine/http/problem.ts'
import { unknownFields } from '#engine/http/unknown.ts'
import { pendingCommand } from '#engine/saga/transitions.ts'
import type { Operation } from '#engine/saga/operator-actions.ts'
import { resolutionOf } from '#engine/saga/resolution.ts'
import type { SagaState } from '#engine/saga/state.ts'
import type { SagaDefinition } from '#engine/saga/definition.ts'
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
  const { command } = pendingCommand(definition, state)
  const options = outcome === 'done' ? command.done : command.refused
  const resolution = resolutionOf(options, reply, { idNeeded: state.doing === 'do' })
  if (!resolution || 'problem' in resolution) return []
  const { schema, idField } = resolution.reply
  if (!(schema instanceof z.ZodObject)) throw new Error(`${resolution.reply.type}: its schema is not an object of zod`)
  // The id of what it is about stands among the data; which reply it is, beside them or among them.
  const data = schema.extend({ [idField]: z.unknown() })
  const outgoing =
    reply['data'] === undefined ? data.extend({ type: z.unknown() }) : z.object({ type: z.unknown(), data })
  return unknownFields(outgoing, reply, ['reply'])
}
