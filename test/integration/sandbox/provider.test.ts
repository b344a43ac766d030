import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { RetryableError } from '#engine/model/errors.ts'
import { httpProvider } from '../../../lambdas/services/payment/http-provider.ts'
import {
  type SandboxOptions,
  type SandboxProvider,
  startSandboxProvider,
} from '../../../localstack/sandbox/provider.ts'
import { providerContract } from '../../domains/orders/provider-contract.ts'

let running: SandboxProvider[] = []
afterEach(async () => {
  await Promise.all(running.map(sandbox => sandbox.stop()))
  running = []
})
const start = async (options?: SandboxOptions) => {
  const sandbox = await startSandboxProvider(options)
  running.push(sandbox)
  return sandbox
}

providerContract('HTTP adapter against the sandbox server', async () => {
  const sandbox = await start()
  return {
    provider: httpProvider({ url: sandbox.url, timeoutMs: 150 }),
    setMode: mode => sandbox.setMode(mode),
    charges: () => sandbox.charges(),
  }
})

const charge = { key: 'k1', orderId: 'o1', amount: 100, currency: 'EUR', paymentMethod: 'tok_visa' }

describe('the ledger file', () => {
  const ledger = () => {
    const folder = mkdtempSync(join(tmpdir(), 'recourse-ledger-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    return join(folder, 'sandbox', 'ledger.jsonl')
  }

  test('keeps every key over a restart, also if the last line was torn', async () => {
    const ledgerFile = ledger()
    const first = await start({ ledgerFile })
    const before = httpProvider({ url: first.url })
    const outcome = await before.charge(charge)
    await before.cancel({ key: 'k2', orderId: 'o2', amount: 5, currency: 'EUR' })
    await first.stop()
    appendFileSync(ledgerFile, '{"key":"k3","ord')

    const second = await start({ ledgerFile })
    const after = httpProvider({ url: second.url })
    expect(await after.find({ key: 'k1' })).toEqual(outcome)
    expect(await after.charge({ ...charge, key: 'k2', amount: 5 })).toEqual({ outcome: 'cancelled' })
    await after.charge({ ...charge, key: 'k4' })
    expect((await second.charges()).map(({ key, status }) => `${key} ${status}`)).toEqual([
      'k1 CAPTURED',
      'k2 CANCELLED',
      'k4 CAPTURED',
    ])
    expect(readFileSync(ledgerFile, 'utf8').trim().split('\n')).toHaveLength(3)
  })
})

describe('the HTTP adapter', () => {
  test('nobody listening means nothing was charged', async () => {
    const sandbox = await start()
    await sandbox.stop()
    await expect(httpProvider({ url: sandbox.url }).charge(charge)).rejects.toThrow(RetryableError)
  })

  test('a server that cuts every connection leaves the charge unknown', async () => {
    const server = createServer(socket => socket.once('data', () => socket.destroy()))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }
    expect(await httpProvider({ url: `http://127.0.0.1:${port}` }).charge(charge)).toEqual({ outcome: 'unknown' })
  })

  test('keeps the path of its URL, with and without a slash at its end', async () => {
    const asked: string[] = []
    const server = createHttpServer(({ method, url }, response) => {
      asked.push(`${method} ${url}`)
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"status":"NONE"}')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }
    for (const slash of ['', '/'])
      expect(await httpProvider({ url: `http://127.0.0.1:${port}/v2${slash}` }).find({ key: 'k' })).toEqual({
        outcome: 'none',
      })
    expect(asked).toEqual(['GET /v2/find', 'GET /v2/find'])
  })

  test('asks with its token, and a wrong one charges nothing', async () => {
    const sandbox = await start({ token: 'secret' })
    expect(await httpProvider({ url: sandbox.url, token: 'secret' }).charge(charge)).toMatchObject({
      outcome: 'captured',
    })
    await expect(httpProvider({ url: sandbox.url, token: 'guess' }).charge({ ...charge, key: 'k9' })).rejects.toThrow(
      '401',
    )
    expect(await sandbox.charges()).toHaveLength(1)
  })

  test('says nothing of the payment token in its errors', async () => {
    const sandbox = await start()
    await sandbox.setMode('down')
    const error = await httpProvider({ url: sandbox.url })
      .charge(charge)
      .catch((error: unknown) => error)
    expect(String(error)).toContain('503')
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('tok_visa')
  })
})

describe('the sandbox server', () => {
  test('refuses what is not a charge, and a charge without a key', async () => {
    const sandbox = await start()
    const post = (body: string, headers: Record<string, string> = { 'idempotency-key': 'k' }) =>
      fetch(`${sandbox.url}/charge`, { method: 'POST', body, headers }).then(({ status }) => status)
    expect(await post('not json')).toBe(400)
    expect(await post('{"orderId":"o1","amount":1.5,"currency":"EUR","paymentMethod":"tok"}')).toBe(400)
    expect(await post(JSON.stringify(charge), {})).toBe(400)
    expect(await sandbox.charges()).toEqual([])
  })

  test('a port that is taken is an error that says so', async () => {
    const { url } = await start()
    await expect(startSandboxProvider({ port: Number(new URL(url).port) })).rejects.toThrow('EADDRINUSE')
  })
})
