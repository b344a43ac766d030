/** What an operator reports that a missing reply was: the API checks whether it fits, the orchestrator again. Pure. */
import type { Event } from '../model/messages.ts'

export type Resolution =
  | { readonly reply: Event; readonly body: Readonly<Record<string, unknown>> }
  | { readonly problem: string }

/**
 * `given`: the reply's data, or `{type, data}` where there are several to choose from. The id of what the reply is about
 * is among the data, where that is not the saga's own: on Kafka it stands beside them. `idNeeded`: what follows may use it.
 * `sagaId`: the saga that the reply must be about, if it names one.
 */
export function resolutionOf(
  options: readonly Event[],
  given: Readonly<Record<string, unknown>> = {},
  { idNeeded, sagaId }: { readonly idNeeded: boolean; readonly sagaId?: string },
): Resolution | undefined {
  const named = options.find(({ type }) => type === given['type'])
  const reply = named ?? options[0]
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
  // A type that is misspelt, or another outcome's, must not be taken for the reply that it is not; it may be data, too.
  if (given['type'] !== undefined && !named && (given['data'] !== undefined || body['type'] === undefined))
    return { problem: `type: is to be ${options.map(({ type }) => type).join(' or ')}` }
  const { idField, sagaField } = reply
  if (idField === sagaField) {
    if (data[idField] === undefined || sagaId === undefined || data[idField] === sagaId) return { reply, body }
    return problem(`${idField}: is not this saga's`)
  }
  const id = data[idField]
  if (typeof id === 'string' && id !== '') return { reply, body: { ...body, [idField]: id } }
  return idNeeded ? problem(`${idField}: is missing`) : { reply, body }
}
