/** Who may ask: tokens that are good, and everything that must not pass for one. */
import { randomBytes } from 'node:crypto'
import { SignJWT, UnsecuredJWT } from 'jose'
import { signToken } from '../../localstack/runtime/identity.ts'

const bearer = (token: string) => `Bearer ${token}`
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const operators = { 'cognito:groups': ['operators'] }

/** The header `Authorization` of those who are nobody, by what is wrong with it; undefined: there is none. */
export async function nobodies(key: Uint8Array): Promise<Readonly<Record<string, string | undefined>>> {
  const now = Math.floor(Date.now() / 1000)
  const another = new Uint8Array(randomBytes(32))
  const good = await signToken({ sub: 'alice' }, key)
  const [header, , signature] = good.split('.')
  const claims = { sub: 'alice', iss: 'recourse-local', iat: now, exp: now + 3600, ...operators }
  const signed = (payload: Record<string, unknown>) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(key)
  const { sub: _, ...withoutSub } = claims
  const { exp: __, ...withoutEnd } = claims
  return {
    'no token': undefined,
    'an empty header': '',
    'a scheme without a token': 'Bearer ',
    'another scheme': `Basic ${Buffer.from('alice:secret').toString('base64')}`,
    'a token without its scheme': good,
    'no JWT': bearer('alice'),
    'a JWT of garbage': bearer('a.b.c'),
    'a token without its signature': bearer(good.split('.').slice(0, 2).join('.')),
    'an empty signature': bearer(`${good.split('.').slice(0, 2).join('.')}.`),
    'an expired token': bearer(await signToken({ sub: 'alice', groups: ['operators'], expiresSeconds: -5 }, key)),
    'a token that is not valid yet': bearer(await signed({ ...claims, nbf: now + 3600 })),
    'a token of another issuer': bearer(await signed({ ...claims, iss: 'somebody' })),
    'a token of nobody': bearer(await signed(withoutSub)),
    'a token without an end': bearer(await signed(withoutEnd)),
    'a token signed by another': bearer(await signToken({ sub: 'alice', groups: ['operators'] }, another)),
    'an unsigned token': bearer(new UnsecuredJWT(claims).encode()),
    'an unsigned token with a signature': bearer(`${part({ alg: 'none' })}.${part(claims)}.${signature}`),
    'a token whose claims were changed': bearer(`${header}.${part(claims)}.${signature}`),
  }
}

/** Good tokens. `almost` is no operator, however its groups are read. */
export async function somebodies(key: Uint8Array) {
  return {
    owner: bearer(await signToken({ sub: 'alice' }, key)),
    another: bearer(await signToken({ sub: 'bob' }, key)),
    almost: bearer(await signToken({ sub: 'mallory', groups: ['operator', 'Operators', 'operators-of-others'] }, key)),
    operator: bearer(await signToken({ sub: 'olga', groups: ['operators'] }, key)),
  }
}
