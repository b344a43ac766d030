import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyToken } from '../../../localstack/runtime/identity.ts'

const script = join(import.meta.dirname, '../../../bin/cli/token.ts')
const token = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })

test('prints one line: a token that the local API takes', async () => {
  const { stdout, status } = token('--sub', 'alice', '--group', 'operators', '--expires', '60')
  expect(status).toBe(0)
  expect(stdout).toMatch(/^[\w.-]+\n$/)
  const claims = await verifyToken(stdout.trim())
  expect(claims).toMatchObject({ sub: 'alice', 'cognito:groups': 'operators' })
  expect(Number(claims['exp']) - Number(claims['iat'])).toBe(60)
})

test('a token whose time is up is not taken', async () => {
  await expect(verifyToken(token('--sub', 'alice', '--expires', '-5').stdout.trim())).rejects.toThrow('exp')
})

test('says what is missing', () => {
  expect(token('--group', 'operators')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('--sub') as unknown,
  })
  expect(token('--sub', 'a', '--expires', 'soon').stderr).toContain('whole number of seconds')
})
