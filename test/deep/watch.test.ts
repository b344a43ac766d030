import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cacheFolder } from '../../localstack/servers/fetch.ts'
import { HttpClient, Operator } from '../support/http-client.ts'
import { copyRepository, type RepositoryCopy } from '../support/repository-copy.ts'
import { launch, nothingLeft, type System, tellWhenFailed } from '../support/system.ts'
import { until } from '../support/until.ts'

/** `npm start -- --watch --no-demo` in a copy of the repository, whose files somebody edits. */
let copy: RepositoryCopy
let system: System
let operator: Operator
let alice: HttpClient
beforeAll(async () => {
  copy = await copyRepository()
  const env = { RECOURSE_CACHE: cacheFolder() }
  system = await launch({ args: ['--watch', '--no-demo'], repository: copy.folder, env })
  await system.ready()
  const token = async (...args: string[]) => {
    const run = await promisify(execFile)(process.execPath, ['bin/cli/token.ts', ...args], { cwd: copy.folder })
    return run.stdout.trim()
  }
  operator = new Operator(system.url, await token('--sub', 'olga', '--group', 'operators'))
  alice = new HttpClient(system.url, await token('--sub', 'alice'))
  await operator.product('tea', 100, 350)
})
beforeEach(tellWhenFailed(() => system))
afterAll(async () => {
  await system.destroy()
  await copy[Symbol.asyncDispose]()
})

const RULES = 'lambdas/services/product/rules.ts'
/** A check of all types takes long on a machine that has much to do. */
const TOLD_WITHIN_MS = 170_000

/** Saves a file, and resolves with what was printed from then on, once `expected` is. */
async function edit(file: string, change: (text: string) => string, expected: RegExp): Promise<string> {
  const path = join(copy.folder, file)
  const before = await readFile(path, 'utf8')
  const printed = system.stderr().length
  const text = change(before)
  expect(text).not.toBe(before)
  await writeFile(path, text)
  const since = () => system.stderr().slice(printed)
  await until(`${file} to give ${expected}`, TOLD_WITHIN_MS, () => expected.test(since()))
  return since()
}

const swapped = /^swapped product\b.* in \d+\.\d\d s \(lambdas\/services\/product\/rules\.ts\)$/m

async function place(productId: string) {
  const { body } = await alice.call('/orders', {
    method: 'POST',
    json: { items: [{ productId, quantity: 1 }], paymentMethod: 'tok_visa' },
  })
  return body.orderId as string
}
const ended = (orderId: string) =>
  until(`the end of ${orderId}`, 60_000, async () => {
    const { body } = await alice.get(`/orders/${orderId}`)
    return body.status === 'PENDING' ? undefined : (body as { status: string; reason?: string })
  })

test('is up without a demo', async () => {
  await until('it to watch', 30_000, () => /^watching .*lambdas\//m.test(system.stderr()))
  expect(system.stdout()).toContain('Copy and paste')
  expect(system.stdout()).not.toContain('scenarios ended')
  expect((await alice.get('/orders')).body).toEqual({ items: [] })
})

describe('a saved file', () => {
  test('is swapped in: the next order meets the new rules, and orders under way end too', async () => {
    expect(await ended(await place('unheard-of'))).toMatchObject({ reason: 'UNKNOWN_PRODUCT' })
    const under = Array.from({ length: 10 }, () => place('tea'))
    await edit(RULES, text => text.replace("reason: 'UNKNOWN_PRODUCT'", "reason: 'OUT_OF_STOCK'"), swapped)
    expect(await ended(await place('unheard-of'))).toMatchObject({ reason: 'OUT_OF_STOCK' })
    for (const orderId of await Promise.all(under)) expect(await ended(orderId)).toMatchObject({ status: 'APPROVED' })
  })

  test('with an error of types runs all the same, and the error is printed', async () => {
    await edit(RULES, text => `${text}\nexport const wrong: string = 1\n`, /^types: tsc found errors/m)
    expect(system.stderr()).toMatch(/^ +lambdas\/services\/product\/rules\.ts\(\d+,14\): error TS2322/m)
    expect(await ended(await place('tea'))).toMatchObject({ status: 'APPROVED' })
    await edit(RULES, text => text.replace('\nexport const wrong: string = 1\n', ''), /^types: no errors/m)
  }, 360_000)

  test('that can not be read is named with its line, and the code from before goes on', async () => {
    await edit(RULES, text => `${text}\nexport const = 1\n`, /^product.* not swapped/m)
    expect(system.stderr()).toMatch(/lambdas\/services\/product\/rules\.ts:\d+:\d+: ERROR/)
    expect(await ended(await place('tea'))).toMatchObject({ status: 'APPROVED' })
    await edit(RULES, text => text.replace('\nexport const = 1\n', ''), swapped)
  })

  test('whose code throws is named with the line as it was written; mended and redriven, what was given up on ends', async () => {
    const thrown = "  throw new Error('a bug of mine')\n"
    const judge = /^(function judge\(.*\n)/m
    await edit(RULES, text => text.replace(judge, (line: string) => line + thrown), swapped)
    const line = (await readFile(join(copy.folder, RULES), 'utf8')).split('\n').indexOf(thrown.trimEnd()) + 1
    const orderId = await place('tea')
    const frame = `a bug of mine (at lambdas/services/product/rules.ts:${line})`
    await until(frame, 30_000, () => system.stderr().includes(frame))
    await edit(RULES, text => text.replace(thrown, ''), swapped)
    const letter = await until('its dead letter', 20_000, async () => {
      const { body } = await operator.get('/dead-letters?topic=products-commands&status=WAITING')
      return (body.items as { id: string; error: string }[])[0]
    })
    expect(letter.error).toBe(`Error: a bug of mine, at judge (lambdas/services/product/rules.ts:${line})`)
    expect((await operator.post(`/dead-letters/${letter.id}/redrive`, { reason: 'mended' })).status).toBe(202)
    expect(await ended(orderId)).toMatchObject({ status: 'APPROVED' })
  })

  test('of the catalog or of the infrastructure asks for a restart', async () => {
    for (const file of ['lambdas/catalog.ts', 'lib/config.ts'])
      await edit(
        file,
        text => `${text}\n`,
        new RegExp(
          `^${file} changed, which a running system can't follow: end it with Ctrl-C and start it again$`,
          'm',
        ),
      )
  })
})

test('ends in order and leaves nothing', async () => {
  expect(await system.stop('SIGINT')).toEqual({ code: 0, ...nothingLeft })
})
