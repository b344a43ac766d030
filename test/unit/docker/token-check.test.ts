import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ProxyEvent } from '#engine/http/lambda.ts'
import { checked } from '../../../localstack/docker/token-check.ts'
import { signToken } from '../../../localstack/runtime/identity.ts'

const key = new Uint8Array(randomBytes(32))
const event = (headers: ProxyEvent['headers'], claims?: Readonly<Record<string, unknown>>): ProxyEvent => ({
  httpMethod: 'GET',
  path: '/orders',
  headers,
  body: null,
  isBase64Encoded: false,
  requestContext: { requestId: 'r', ...(claims && { authorizer: { claims } }) },
})
/** What the function is told of who calls. */
const claimsTold = async (asked: ProxyEvent): Promise<unknown> => {
  const handler = checked(async ({ requestContext }) => ({
    statusCode: 200,
    headers: {},
    body: JSON.stringify(requestContext.authorizer?.claims ?? 'nobody'),
    isBase64Encoded: false,
  }))
  return JSON.parse((await handler(asked)).body)
}

beforeEach(() => void vi.stubEnv('TOKEN_KEY', Buffer.from(key).toString('base64url')))
afterEach(() => void vi.unstubAllEnvs())

describe('A function behind an API without an authorizer', () => {
  it('is told who calls, from the token, however the header is spelled', async () => {
    const token = await signToken({ sub: 'alice', groups: ['operators'] }, key)
    for (const name of ['Authorization', 'authorization'])
      expect(await claimsTold(event({ [name]: `Bearer ${token}` }))).toMatchObject({
        sub: 'alice',
        'cognito:groups': 'operators',
      })
  })

  it.each([
    ['without a token', async () => ({})],
    ['without headers', async () => null],
    ['with one that is none', async () => ({ Authorization: 'Bearer x.y.z' })],
    [
      'with one that has expired',
      async () => ({ Authorization: `Bearer ${await signToken({ sub: 'alice', expiresSeconds: -1 }, key)}` }),
    ],
    [
      "with one of another's key",
      async () => ({ Authorization: `Bearer ${await signToken({ sub: 'alice' }, randomBytes(32))}` }),
    ],
  ])('is told of nobody %s', async (_, headers) => {
    expect(await claimsTold(event(await headers()))).toBe('nobody')
  })

  it('does not believe claims that came with the request', async () => {
    expect(await claimsTold(event({}, { sub: 'mallory' }))).toBe('nobody')
  })

  it('is told of nobody where it has no key', async () => {
    vi.stubEnv('TOKEN_KEY', '')
    const token = await signToken({ sub: 'alice' }, key)
    expect(await claimsTold(event({ Authorization: `Bearer ${token}` }))).toBe('nobody')
  })
})
