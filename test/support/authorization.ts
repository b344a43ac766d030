/** Asks a route as everybody, and tells what each must be answered by the document's marks alone. */
import { PROBLEM_JSON } from '#engine/http/problem.ts'
import { nobodies, somebodies } from './identities.ts'
import { type Operation, operations } from './published-api.ts'
import { sampleOf } from './schema-values.ts'

/** What is alice's, or an operator's to see, by collection and parameter: `{'orders.orderId': …}`. */
export type Fixtures = Readonly<Record<string, string>>

export interface Asked {
  readonly url: string
  /** Tokens are signed with it. */
  readonly key: Uint8Array
  readonly fixtures: Fixtures
}

export type Verdicts = Readonly<Record<string, string>>

/** The operations that a deployment has. */
export const operationsOf = (quoting: string) =>
  operations.filter(({ quoting: only }) => only?.includes(quoting) ?? true)

/** What everybody is answered, by who asks. Those who must be refused ask first: what they do would be seen. */
export async function askAsEverybody(operation: Operation, { url, key, fixtures }: Asked): Promise<Verdicts> {
  const path = pathOf(operation, fixtures)
  const ask = async (authorization: string | undefined, at = path): Promise<Answer> => {
    const answer = await fetch(url + at, {
      method: operation.method,
      headers: {
        ...(authorization !== undefined && { authorization }),
        ...(operation.method === 'POST' && { 'content-type': 'application/json' }),
      },
      ...(operation.method === 'POST' && { body: JSON.stringify(operation.body ? sampleOf(operation.body) : {}) }),
    })
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  }
  const verdicts: Record<string, string> = {}
  for (const [who, authorization] of Object.entries(await nobodies(key)))
    verdicts[who] = verdictOf(operation, await ask(authorization))
  const { owner, ...others } = await somebodies(key)
  for (const [who, authorization] of Object.entries(others)) {
    const answer = await ask(authorization)
    verdicts[who] = verdictOf(operation, answer)
    if (isOfOwner(operation) && verdicts[who] === NOT_FOUND) {
      // Whether there is such a thing must not be told either.
      const missing = `nothing-of-this-name-${operation.path.length}`
      const nothing = await ask(authorization, pathOf(operation, fixtures, missing))
      const named = namesIn(operation, fixtures).reduce((text, id) => text.replaceAll(id, missing), answer.text)
      if (withoutId(named) !== withoutId(nothing.text))
        verdicts[who] = `another answer than for nothing: ${answer.text}`
    }
    if (isOfOwner(operation) && verdicts[who] === LET_IN && listsOwn(operation))
      if (Object.values(fixtures).some(id => answer.text.includes(`"${id}"`)))
        verdicts[who] = `shows what is another's: ${answer.text}`
  }
  const own = await ask(owner)
  verdicts['owner'] = verdictOf(operation, own)
  if (isOfOwner(operation) && listsOwn(operation) && !Object.values(fixtures).some(id => own.text.includes(`"${id}"`)))
    verdicts['owner'] = `does not show what is the owner's: ${own.text}`
  return verdicts
}

const LET_IN = 'let in'
const UNAUTHORIZED = '401 urn:recourse:problem:unauthorized'
const FORBIDDEN = '403 urn:recourse:problem:forbidden'
const NOT_FOUND = '404 urn:recourse:problem:not-found'

/** What everybody must be answered: by the document alone, so that a new route is among them. */
export async function expectedOf({ callers, path }: Operation, key: Uint8Array): Promise<Verdicts> {
  const refused = callers === undefined ? LET_IN : UNAUTHORIZED
  const all = Object.keys(await nobodies(key)).map(who => [who, refused] as const)
  const names = path.includes('{')
  const [another, operator, owner] = {
    everybody: [LET_IN, LET_IN, LET_IN],
    anyone: [LET_IN, LET_IN, LET_IN],
    operators: [FORBIDDEN, LET_IN, FORBIDDEN],
    'owner-or-operators': [names ? NOT_FOUND : LET_IN, LET_IN, LET_IN],
    owner: names ? [NOT_FOUND, NOT_FOUND, LET_IN] : [LET_IN, LET_IN, LET_IN],
  }[callers ?? 'everybody'] as [string, string, string]
  return Object.fromEntries([
    ...all,
    ['another', another],
    ['almost', another],
    ['operator', operator],
    ['owner', owner],
  ])
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** `let in`: who asks is no obstacle, whatever else there is to say. */
function verdictOf({ statuses }: Operation, { status, headers, text }: Answer): string {
  if (!statuses.includes(status)) return `${status}, which is not documented: ${text}`
  if (status >= 500) return `${status}: ${text}`
  if (status < 400) return LET_IN
  const { type, status: told, requestId } = JSON.parse(text) as Record<string, unknown>
  const whole =
    headers.get('content-type') === PROBLEM_JSON && told === status && requestId === headers.get('x-request-id')
  if (!whole) return `${status}, but no problem document: ${text}`
  if (status === 401 && headers.get('www-authenticate') === null) return '401 without www-authenticate'
  return [401, 403, 404].includes(status) ? `${status} ${String(type)}` : LET_IN
}

const isOfOwner = ({ callers }: Operation) => callers === 'owner' || callers === 'owner-or-operators'
const listsOwn = ({ method, path }: Operation) => method === 'GET' && !path.includes('{')
/** What the path names. */
const namesIn = ({ path }: Operation, fixtures: Fixtures) =>
  [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => fixtures[`${path.split('/')[1]}.${name}`] ?? [])
const withoutId = (text: string) => text.replace(/"requestId":"[^"]*"/, '')

/** The path to what is there. Throws for a parameter without a fixture: without one, nothing is shown. */
export function pathOf({ path }: Operation, fixtures: Fixtures, instead?: string): string {
  const [, collection] = path.split('/')
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const found = instead ?? fixtures[`${collection}.${name}`]
    if (found === undefined) throw new Error(`${path}: give ${collection}.${name} among the fixtures`)
    return found
  })
}
