/** The API over HTTP, as the command line and the scenarios use it. */

/** An error that a person reads: one line, and what to do about it. */
export class ApiError extends Error {
  /** 0: there was no answer. */
  readonly status: number
  /** The problem document, if there was one. */
  readonly problem: { readonly type?: string; readonly title?: string; readonly detail?: string } | undefined
  constructor(message: string, status: number, problem?: ApiError['problem']) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.problem = problem
  }
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  /** The parsed JSON body. */
  readonly body: unknown
}

export interface ApiClient {
  /** Throws ApiError for no answer and for any status of 400 and above. */
  (request: ApiRequest): Promise<ApiAnswer>
}

/** Milliseconds: `Prefer: wait=20` and some. */
const TIMEOUT_MS = 30_000

/** `url`: with the path that the API stands below, and without a slash at its end. Requests' paths begin with one. */
export const apiClient =
  (url: string, token: string | undefined): ApiClient =>
  async ({ method = 'GET', path, body, headers }) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new ApiError(whyNoAnswer(url, error), 0)
    })
    const text = await response.text()
    const parsed = parseJson(text)
    if (response.ok) return { status: response.status, headers: response.headers, body: parsed }
    const problem = typeof parsed === 'object' && parsed !== null ? (parsed as ApiError['problem']) : undefined
    const title = problem?.title ?? `The API answers ${response.status}`
    throw new ApiError(problem?.detail ? `${title}: ${problem.detail}` : title, response.status, problem)
  }

function whyNoAnswer(url: string, error: unknown): string {
  const { cause, name } = error as { cause?: { code?: string }; name?: string }
  if (cause?.code === 'ECONNREFUSED')
    return `Nothing listens at ${url}: start it with \`npm start\`, or say where it is with --url`
  if (name === 'TimeoutError') return `${url} did not answer within ${TIMEOUT_MS / 1000} s`
  return `${url} cannot be reached (${cause?.code ?? String(error)}): check --url`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
