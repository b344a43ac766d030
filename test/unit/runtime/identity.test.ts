import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { signingKey, signToken, verifyToken } from '../../../localstack/runtime/identity.ts'
import { temporaryFolder } from './temporary.ts'

describe('tokens on one machine', () => {
  it('gives back who signed in, groups as comma-separated text', async () => {
    const key = signingKey(temporaryFolder())
    const claims = await verifyToken(await signToken({ sub: 'alice', groups: ['operators', 'auditors'] }, key), key)
    expect(claims['sub']).toBe('alice')
    expect(claims['cognito:groups']).toBe('operators,auditors')
    expect(claims['exp']).toMatch(/^\d+$/)
  })

  it('leaves the groups out for who has none', async () => {
    const key = signingKey(temporaryFolder())
    expect(await verifyToken(await signToken({ sub: 'bob' }, key), key)).not.toHaveProperty('cognito:groups')
  })

  it('refuses a token that has expired', async () => {
    const key = signingKey(temporaryFolder())
    const token = await signToken({ sub: 'alice', expiresSeconds: -10 }, key)
    await expect(verifyToken(token, key)).rejects.toThrow(/"exp"/)
  })

  it('refuses a token signed by another, and one that is not signed', async () => {
    const key = signingKey(temporaryFolder())
    const foreign = await signToken({ sub: 'alice' }, signingKey(temporaryFolder()))
    await expect(verifyToken(foreign, key)).rejects.toThrow(/signature/)
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${foreign.split('.')[1]}.`
    await expect(verifyToken(unsigned, key)).rejects.toThrow()
    await expect(verifyToken('not a token', key)).rejects.toThrow()
  })

  it('makes one key, readable by its owner only, and keeps it', () => {
    const dir = temporaryFolder()
    const first = signingKey(dir)
    expect(signingKey(dir)).toEqual(first)
    expect(readdirSync(dir)).toEqual(['token.key'])
    expect(statSync(join(dir, 'token.key')).mode & 0o077).toBe(0)
  })

  it('says which file is broken rather than signing with a short key', () => {
    const dir = temporaryFolder()
    writeFileSync(join(dir, 'token.key'), 'short')
    expect(() => signingKey(dir)).toThrow(/token\.key holds no key/)
  })
})
