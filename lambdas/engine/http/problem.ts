/** What can be wrong with a request, as RFC 9457 problem documents. `type` is stable: programs may switch on it. */

import { type ProblemName, problems } from '../catalog/problems.ts'

/** One wrong field of a body, a query or a header: `items[1].quantity`. */
export interface FieldError {
  readonly field: string
  readonly message: string
}

export interface ProblemDetails {
  /** What is wrong and what to do about it. Never what only we should know. */
  readonly detail: string
  readonly errors?: readonly FieldError[]
}

/** The document's media type. */
export const PROBLEM_JSON = 'application/problem+json'

/** Thrown anywhere in a request; the API answers it as it is. */
export class HttpProblem extends Error {
  readonly problem: ProblemName
  readonly details: ProblemDetails
  constructor(problem: ProblemName, details: ProblemDetails) {
    super(`${problem}: ${details.detail}`)
    this.name = 'HttpProblem'
    this.problem = problem
    this.details = details
  }
}

/** `{type, title, status, detail, errors?, requestId}` */
export function problemDocument(problem: ProblemName, details: ProblemDetails, requestId: string) {
  return { type: `urn:recourse:problem:${problem}`, ...problems[problem], ...details, requestId }
}

/** One wrong field: the usual 400. */
export const invalidField = (field: string, message: string) => invalidFields([{ field, message }])

/** How many wrong fields a problem document names. */
const ERRORS_MAX = 20

export function invalidFields(all: readonly FieldError[]): HttpProblem {
  const errors = all.slice(0, ERRORS_MAX)
  return new HttpProblem('invalid', { detail: errors.map(e => `${e.field}: ${e.message}`).join('; '), errors })
}

/** `items[1].quantity`; of the whole, `body`. */
export function fieldAt(path: readonly PropertyKey[]): string {
  const field = path.reduce<string>(
    (at, part) => (typeof part === 'number' ? `${at}[${part}]` : at === '' ? String(part) : `${at}.${String(part)}`),
    '',
  )
  return field === '' ? 'body' : field
}

export const notFound = (what: string) =>
  new HttpProblem('not-found', { detail: `${what} does not exist, or is not yours.` })
