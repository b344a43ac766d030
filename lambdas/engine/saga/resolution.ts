/** What an operator says that a missing reply was: the API asks whether it fits, the orchestrator again. Pure. */
import type { Event } from '../model/messages.ts'

export type Resolution =
  | { readonly reply: Event; readonly body: Readonly<Record<string, unknown>> }
  | { readonly problem: string }

/**
 * `given`: the reply's data, or `{type, data}` where there are several to choose from. The id of what the reply is about
 * is among the data, where that is not the saga's own: on Kafka it stands beside them. `idNeeded`: what follows may use it.
 */
export function resolutionOf(
  options: readonly Event[],
  given: Readonly<Record<string, unknown>> = {},
  { idNeeded }: { readonly idNeeded: boolean },
): Resolution | undefined {
  const reply = options.find(({ type }) => type === given['type']) ?? options[0]
  if (!reply) return undefined
  const data = (given['data'] ?? given) as Readonly<Record<string, unknown>>
  const problem = (what: string): Resolution => ({ problem: `is to be the data of ${reply.type} (${what})` })
  let body: Record<string, unknown>
  try {
    body = reply.schema.parse(data) as Record<string, unknown>
  } catch (error) {
    const issues = (error as { issues?: { path: PropertyKey[]; message: string }[] }).issues ?? []
    return problem(issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; '))
  }
  const { idField, sagaField } = reply
  if (idField === sagaField) return { reply, body }
  const id = data[idField]
  if (typeof id === 'string' && id !== '') return { reply, body: { ...body, [idField]: id } }
  return idNeeded ? problem(`${idField}: is missing`) : { reply, body }
}
