import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errors, jwtVerify, SignJWT } from 'jose'

/**
 * Who calls, on one machine: tokens signed with a key of this checkout (HS256), made on first use in the ignored
 * folder `.recourse/`. In AWS Cognito signs and API Gateway checks; the claims have the same names in both.
 */

/** Where the signing key is kept, unless a test says otherwise. */
export const keyFolder = join(import.meta.dirname, '..', '..', '.recourse')

const issuer = 'recourse-local'
const algorithm = 'HS256'

export interface Identity {
  /** Whose orders and quotes these are. */
  readonly sub: string
  /** `operators` may read everything and act on sagas. */
  readonly groups?: readonly string[]
  /** How long the token is good for; a day unless told. */
  readonly expiresSeconds?: number
}

/** Claims as API Gateway hands them to a function: every value is text, groups are comma-separated. */
export type Claims = Readonly<Record<string, string>>

/** A signed token for `Authorization: Bearer`. Makes the key when there is none. */
export const signToken = (
  { sub, groups = [], expiresSeconds = 86_400 }: Identity,
  key: Uint8Array = signingKey(),
): Promise<string> => {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ ...(groups.length > 0 && { 'cognito:groups': groups }), token_use: 'id' })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
    .setSubject(sub)
    .setIssuer(issuer)
    .setIssuedAt(Math.min(now, now + expiresSeconds))
    .setExpirationTime(now + expiresSeconds)
    .sign(key)
}

/** The claims of a good token. Throws jose's errors for one that is malformed, expired, or signed by another. */
export const verifyToken = async (token: string, key: Uint8Array = signingKey()): Promise<Claims> => {
  const { payload } = await jwtVerify(token, key, {
    algorithms: [algorithm],
    issuer,
    requiredClaims: ['sub', 'exp'],
  })
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, asText(value)]))
}

/** The claims of the token in an `Authorization` header, or what is wrong with it, for its sender. */
export async function claimsOf(authorization: string | undefined, key: Uint8Array): Promise<Claims | string> {
  const token = authorization?.match(/^Bearer +(\S+)$/i)?.[1]
  if (token === undefined) return 'Send a token as "Authorization: Bearer …".'
  try {
    return await verifyToken(token, key)
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'The token has expired.'
    if (error instanceof errors.JOSEError) return 'The token is not accepted here.'
    throw error
  }
}

/**
 * The key of this checkout, 32 random bytes. Two processes that make it at once end with the same one: each writes a file
 * of its own, and only one of them gets the final name.
 */
export const signingKey = (folder: string = keyFolder): Uint8Array => {
  const file = join(folder, 'token.key')
  const present = keyIn(file)
  if (present) return present
  mkdirSync(folder, { recursive: true })
  const mine = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(mine, randomBytes(32).toString('base64url'), { mode: 0o600 })
  try {
    linkSync(mine, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(mine, { force: true })
  }
  const made = keyIn(file)
  if (!made) throw new Error(`${file} holds no key of 32 bytes: delete it, and a new one is made`)
  return made
}

const keyIn = (file: string): Uint8Array | undefined => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const key = Buffer.from(text.trim(), 'base64url')
  if (key.length < 32) throw new Error(`${file} holds no key of 32 bytes: delete it, and a new one is made`)
  return new Uint8Array(key)
}

/** Cognito's way through API Gateway: lists become comma-separated text, numbers become text. */
const asText = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join(',') : typeof value === 'string' ? value : JSON.stringify(value)
