import type { ApiClient } from '../../client/api-client.ts'

export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** One or more lines for standard output and standard error, without the last line's end. */
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

/** What each command gets: a way to call the API, and a way to print what came of it. */
export interface Session {
  readonly api: ApiClient
  /** Prints `value` as JSON with `--json`, else what `plainly` makes of it. */
  show(value: unknown, plainly: () => string): void
}
