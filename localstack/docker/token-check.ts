import type { ProxyEvent, ProxyResult } from '#engine/http/lambda.ts'
import { claimsOf } from '../runtime/identity.ts'

type HttpHandler = (event: ProxyEvent) => Promise<ProxyResult>

/**
 * An HTTP function behind a REST API that has no authorizer, as LocalStack's: what the authorizer would have said is read
 * from the token itself, by the key in `TOKEN_KEY`. Without a good token, or without that key, the caller is nobody, and
 * the function answers 401. Only the bundles of the stage `localstack` have this in them.
 */
export const checked =
  (handler: HttpHandler): HttpHandler =>
  async event => {
    const key = process.env['TOKEN_KEY']
    const claims = key ? await claimsOf(authorizationOf(event), Buffer.from(key, 'base64url')) : 'There is no key.'
    const authorizer = typeof claims === 'string' ? null : { claims }
    return handler({ ...event, requestContext: { ...event.requestContext, authorizer } })
  }

const authorizationOf = ({ headers }: ProxyEvent) =>
  Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization')?.[1]
