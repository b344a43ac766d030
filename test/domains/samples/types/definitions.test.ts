import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** What an edit of the order saga's file comes to, in a copy of the repository. */
const root = join(import.meta.dirname, '../../../..')
const saga = 'lambdas/sagas/order/saga.ts'
let copy = ''

beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'recourse-lock-'))
  for (const part of ['lambdas', 'scripts', 'package.json', 'saga.lock.json', 'contracts.lock.json'])
    await cp(join(root, part), join(copy, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
})
afterEach(() => rm(copy, { recursive: true, force: true }))

async function edit(file: string, ...replacements: [string, string][]): Promise<void> {
  let text = await readFile(join(copy, file), 'utf8')
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`${file} does not have ${from}`)
    text = text.replace(from, to)
  }
  await writeFile(join(copy, file), text)
}

/** What the command says, and its exit code. */
async function lock(...args: string[]): Promise<{ code: number; publishes: string }> {
  const run = promisify(execFile)(process.execPath, ['scripts/sagas/lock.ts', ...args], { cwd: copy })
  return run.then(
    ({ stdout }) => ({ code: 0, publishes: stdout }),
    (failed: { code: number; stderr: string }) => ({ code: failed.code, publishes: failed.stderr }),
  )
}

describe('comments, names of parameters and the way it is written', { timeout: 30_000 }, () => {
  it('are no change', async () => {
    await edit(
      saga,
      ['// The product service says so itself', '// Another comment'],
      [
        'send: order => ({ items: order.items }),',
        'send: o => {\n      /* as ordered */\n      return { items: o.items }\n    },',
      ],
      ['within: seconds(60),\n    attempts: 3,', 'within: seconds(60), attempts: 3,'],
    )
    expect(await lock('--check')).toEqual({ code: 0, publishes: '' })
  })
})

describe('what a saga does', { timeout: 30_000 }, () => {
  it.each([
    [
      'a limit',
      [['within: seconds(60)', 'within: seconds(61)']],
      "- step 'reserve' › withinSeconds: 60\n    + step 'reserve' › withinSeconds: 61",
    ],
    [
      'what a command says',
      [['({ ...order.total, paymentMethod', '({ amount: 1, currency: order.total.currency, paymentMethod']],
      "A function has changed: send of step 'pay'\n    - t=>({...t.total,paymentMethod:t.paymentMethod})\n    + ",
    ],
    [
      'a constant that a function uses',
      [
        ['/** Reserves', 'const why = (reason: string) => reason.slice(0)\n\n/** Reserves'],
        ['PaymentFailedEvent: reply => reply.reason', 'PaymentFailedEvent: reply => why(reply.reason)'],
      ],
      'PaymentFailedEvent at step',
    ],
  ] as [string, [string, string][], string][])('is a change: %s', async (_, replacements, publishes) => {
    await edit(saga, ...replacements)
    const before = await readFile(join(copy, 'saga.lock.json'), 'utf8')
    const answer = await lock()
    expect(answer.code).toBe(1)
    expect(answer.publishes).toContain(publishes)
    expect(await readFile(join(copy, 'saga.lock.json'), 'utf8')).toBe(before)
  })
})

describe('a new version', { timeout: 30_000 }, () => {
  it('as the message says to make it: the old one beside it is as it was, the new one is added', async () => {
    await cp(join(copy, saga), join(copy, 'lambdas/sagas/order/v1.ts'))
    await edit('lambdas/sagas/order/v1.ts', ['const orderSaga =', 'const orderSagaV1 ='])
    await edit(saga, ['version: 1', 'version: 2'], ['within: seconds(60)', 'within: seconds(90)'])
    await edit(
      'lambdas/catalog.ts',
      ['import { quotingChoice', "import { orderSagaV1 } from './sagas/order/v1.ts'\nimport { quotingChoice"],
      ['sagas: [orderSaga', 'sagas: [orderSaga, orderSagaV1'],
    )
    expect(await lock('--check')).toMatchObject({
      code: 1,
      publishes: expect.stringMatching(
        /order@1 is in the catalog, but \S+handler.ts does not import \S+v1.ts/,
      ) as unknown,
    })
    await edit(
      'lambdas/sagas/order/handler.ts',
      [
        "import { orderSaga } from './saga.ts'",
        "import { orderSaga } from './saga.ts'\nimport { orderSagaV1 } from './v1.ts'",
      ],
      ['sagaHandler(orderSaga)', 'sagaHandler(orderSaga, orderSagaV1)'],
    )
    expect(await lock('--check')).toMatchObject({
      code: 1,
      publishes: expect.stringMatching(/^order@2 is not in/) as unknown,
    })
    const locked = Object.keys(JSON.parse(await readFile(join(copy, 'saga.lock.json'), 'utf8')) as object).length
    expect(await lock()).toEqual({
      code: 0,
      publishes: `saga.lock.json: ${locked + 1} definitions, order@2 added\n`,
    })
    expect(await lock('--check')).toEqual({ code: 0, publishes: '' })
  })

  it('in the file of another is refused, as both would change at once', async () => {
    await edit(saga, [
      'export const orderSaga',
      `export const orderSagaV2 = saga('order', { version: 2, startsWith: orders.OrderCreatedEvent, deadline: minutes(1) })
  .retriable('approve', orders.OrderApprovedCommand, { send: () => ({ total: { amount: 1, currency: 'EUR' } }), done: { OrderApprovedEvent: nothing } })
  .build()

export const orderSaga`,
    ])
    expect(await lock('--check')).toEqual({
      code: 1,
      publishes:
        'lambdas/sagas/order/saga.ts defines orderSaga and orderSagaV2: give each version a file of its own, such as lambdas/sagas/order/v1.ts\n',
    })
  })
})

describe('what a message looks like', { timeout: 30_000 }, () => {
  const contract = 'lambdas/services/payment/contract.ts'
  const voided = 'z.object({ refunded: z.boolean() })'

  it('may not lose anything, or ask for more: neither is written', async () => {
    await edit(contract, [voided, 'z.object({ refunded: z.literal(true), by: z.string() })'])
    const before = await readFile(join(copy, 'contracts.lock.json'), 'utf8')
    const answer = await lock()
    expect(answer.code).toBe(1)
    expect(answer.publishes).toContain('PaymentVoidedEvent is not what contracts.lock.json has')
    expect(answer.publishes).toContain(
      '  - data.refunded: takes only true now\n  - data.by: is required now, and is new',
    )
    expect(await readFile(join(copy, 'contracts.lock.json'), 'utf8')).toBe(before)
  })

  it('may grow, and is locked as it has grown', async () => {
    await edit(contract, [voided, 'z.object({ refunded: z.boolean(), by: z.string().optional() })'])
    expect(await lock('--check')).toEqual({ code: 0, publishes: '' })
    expect((await lock()).publishes).toMatch(/contracts.lock.json: \d+ messages, PaymentVoidedEvent extended\n$/)
    expect(await readFile(join(copy, 'contracts.lock.json'), 'utf8')).toContain('"by"')
  })
})
