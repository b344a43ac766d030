/** What can be wrong with a request, as a route declares it; `http/problem.ts` answers it. */

/** The problem's name → status and title. Its `type` is `urn:recourse:problem:<name>`. */
export const problems = {
  invalid: { status: 400, title: 'The request is invalid' },
  'invalid-cursor': { status: 400, title: 'The cursor is not one of this list' },
  unauthorized: { status: 401, title: 'A valid token is needed' },
  forbidden: { status: 403, title: 'Only operators may do this' },
  'not-found': { status: 404, title: 'There is no such thing' },
  conflict: { status: 409, title: 'It conflicts with what is there' },
  'too-large': { status: 413, title: 'The body is too large' },
  'not-json': { status: 415, title: 'The body is not JSON by its content type' },
  'key-reused': { status: 422, title: 'The idempotency key was used with another body' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong here' },
  unavailable: { status: 503, title: 'Not available right now' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemName = keyof typeof problems
