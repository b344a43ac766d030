import { describe, expect, test } from 'vitest'
import { addressOf } from '../../../bin/cli/address.ts'
import { buildCli } from '../../../bin/cli/program.ts'
import { askedBy } from '../../support/asked-by.ts'

describe('the address of the API', () => {
  test.each([
    ['https://host/v1', 'https://host/v1'],
    ['https://host/v1/', 'https://host/v1'],
    ['https://host/v1//', 'https://host/v1'],
    ['https://host/a/b%20c', 'https://host/a/b%20c'],
    ['https://host:8443', 'https://host:8443'],
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
    [' https://host/v1\n', 'https://host/v1'],
  ])('%j keeps its path', (text, url) => {
    expect(addressOf(text, {}).url).toBe(url)
    expect(addressOf(undefined, { RECOURSE_URL: text, PORT: '4' }).url).toBe(url)
  })

  test('is --url, else RECOURSE_URL, else PORT, else 3000; what is empty is not set', () => {
    const env = { RECOURSE_URL: 'https://variable/v1', PORT: '4000' }
    expect(addressOf('https://option/v2', env).url).toBe('https://option/v2')
    expect(addressOf(undefined, env).url).toBe('https://variable/v1')
    expect(addressOf(undefined, { ...env, RECOURSE_URL: '' }).url).toBe('http://127.0.0.1:4000')
    expect(addressOf(undefined, { PORT: '' }).url).toBe('http://127.0.0.1:3000')
  })

  test.each([
    ['host/v1', '--url is not a URL'],
    ['', '--url is not a URL'],
    ['host:3000', '--url does not begin with http:// or https://'],
    ['ftp://host', '--url does not begin with http:// or https://'],
    ['https://user:secret@host', '--url has a user or a password'],
    ['https://host/v1?stage=x', '--url has a query or a fragment'],
    ['https://host/#v1', '--url has a query or a fragment'],
  ])('%j is an error that says so, and shows no secret', (text, outgoing) => {
    expect(() => addressOf(text, {})).toThrow(outgoing)
    expect(() => addressOf(text, {})).not.toThrow('secret')
    if (text !== '')
      expect(() => addressOf(undefined, { RECOURSE_URL: text })).toThrow(outgoing.replace('--url', 'RECOURSE_URL'))
  })

  test.each(['x', '0', '65536', '-1', '80.5'])('PORT %s is an error', PORT => {
    expect(() => addressOf(undefined, { PORT })).toThrow('PORT is not a port')
  })

  test('is this machine’s or not, whatever stands behind it', () => {
    expect(['http://127.0.0.1:1/v1', 'http://localhost', 'http://[::1]:3000'].map(url => addressOf(url, {}).isLocal)) //
      .toEqual([true, true, true])
    expect(addressOf('https://127.0.0.1.example.com/v1', {}).isLocal).toBe(false)
  })
})

describe.each(['', '/'])('below a stage, with "%s" at its end', slash => {
  test.each([
    [['sagas', 'list'], ['GET /v1/sagas']],
    [['sagas', 'show', 'order', 'o1'], ['GET /v1/sagas/order/o1']],
    [
      ['sagas', 'abort', 'order', 'o1', '--reason', 'r'],
      ['GET /v1/sagas/order/o1', 'POST /v1/sagas/order/o1/abort'],
    ],
    [['dead-letters', 'list'], ['GET /v1/dead-letters']],
    [['dead-letters', 'redrive', '--all', '--reason', 'r'], ['POST /v1/dead-letters/redrive']],
    [['dead-letters', 'discard', 'l1', '--reason', 'r'], ['POST /v1/dead-letters/l1/discard']],
  ])('%j asks there', async (args, expected) => {
    expect(await askedBy(args, { slash })).toEqual(expected)
  })
})

test('a bad --url ends with 1 and one line', async () => {
  const err: string[] = []
  const run = buildCli({ env: { RECOURSE_TOKEN: 't' }, out: () => {}, err: text => void err.push(text) })
  expect(await run(['--url', 'host/v1', 'sagas', 'list'])).toBe(1)
  expect(err).toEqual(['--url is not a URL: write it as http://127.0.0.1:3000 or https://host/v1'])
})
