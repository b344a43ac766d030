/** Where the API is, for everything that asks it over HTTP. */
import { ApiError } from '../../client/api-client.ts'

export interface Address {
  /** With its path, and without a slash at its end: `https://host/v1`. */
  readonly url: string
  /** Of this machine: it takes tokens of this checkout's key. */
  readonly isLocal: boolean
}

const EXAMPLES = 'write it as http://127.0.0.1:3000 or https://host/v1'
const LOCAL: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** `--url`, else RECOURSE_URL, else PORT of this machine. An empty variable is none. Throws ApiError that names which is wrong. */
export function addressOf(url: string | undefined, env: Readonly<Record<string, string | undefined>>): Address {
  if (url !== undefined) return readAddress(url, '--url')
  if (env['RECOURSE_URL']) return readAddress(env['RECOURSE_URL'], 'RECOURSE_URL')
  const port = env['PORT'] || '3000'
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    throw new ApiError('PORT is not a port: set it to a number from 1 to 65535, or say where the API is with --url', 0)
  return readAddress(`http://127.0.0.1:${Number(port)}`, 'PORT')
}

/** `from`: what a person wrote it in. What is wrong with it is said, and never shown: it may hold a password. */
export function readAddress(text: string, from: string): Address {
  const parsed = URL.parse(text.trim())
  const refuse = (why: string) => new ApiError(`${from} ${why}: ${EXAMPLES}`, 0)
  if (!parsed) throw refuse('is not a URL')
  if (!['http:', 'https:'].includes(parsed.protocol)) throw refuse('does not begin with http:// or https://')
  if (parsed.username !== '' || parsed.password !== '')
    throw refuse('has a user or a password, which the API does not take')
  if (/[?#]/.test(text)) throw refuse('has a query or a fragment, which no address of an API has')
  return {
    url: `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`,
    isLocal: LOCAL.has(parsed.hostname),
  }
}
