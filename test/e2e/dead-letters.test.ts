/** Dead letters on the real system: what can't be handled is found, explained, and sent back or set aside. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { produce, readAll } from '../support/broker-client.ts'
import { CANARIES, canariesIn } from '../support/canaries.ts'
import { cliOf } from '../support/cli.ts'
import { HttpClient, type Operator, tokenOf } from '../support/http-client.ts'
import { asLambda, giveUpAsLambda } from '../support/lambda-failure.ts'
import { launch, type System, tellWhenFailed } from '../support/system.ts'
import { usersAfterScenarios } from '../support/users.ts'
import { until } from '../support/until.ts'

let system: System
let operator: Operator
let alice: HttpClient

beforeAll(async () => {
  system = await launch()
  ;({ operator, alice } = await usersAfterScenarios(system))
})
beforeEach(tellWhenFailed(() => system))
afterAll(() => system.destroy())

interface Letter {
  readonly id: string
  readonly topic: string
  readonly reason: string
  readonly key: string | null
  readonly status: string
  readonly error: string
}

const list = async (query = '') => {
  const { status, body } = await operator.get(`/dead-letters?limit=100${query}`)
  expect(status).toBe(200)
  return (body as { items: Letter[] }).items
}
/** The letter with this key, once it is indexed. */
const letterOf = (key: string) =>
  until(`the dead letter ${key}`, 20_000, async () => (await list()).find(letter => letter.key === key))
const redrive = (id: string, reason = 'repaired') => operator.post(`/dead-letters/${id}/redrive`, { reason })
const discard = (id: string, reason = 'nobody needs it') => operator.post(`/dead-letters/${id}/discard`, { reason })
const recordsWith = async (topic: string, key: string) =>
  (await readAll(system.brokers, [topic])).filter(record => record.key?.toString() === key)

test('what poison was on several topics is listed once each, with its reason, and shown with its bytes', async () => {
  const unknown = JSON.stringify({ commandType: 'NobodyKnowsThis', orderId: 'x-2', data: {} })
  const invalid = JSON.stringify({ eventType: 'PaymentFailedEvent', orderId: 'x-3', data: { reason: 7 } })
  const [notJson] = await produce(system.brokers, [
    { topic: 'orders-events', key: 'x-1', value: Buffer.from([0xff, 0xfe, 0x01]), headers: { 'x-mine': 'kept' } },
    { topic: 'products-commands', key: 'x-2', value: unknown },
    { topic: 'payments-events', key: 'x-3', value: invalid },
    // Nobody said why: somebody put it there.
    { topic: 'saga-events.dlq', key: 'x-4', value: 'by hand' },
  ])
  const letters = await Promise.all(['x-1', 'x-2', 'x-3', 'x-4'].map(letterOf))
  expect(letters).toMatchObject([
    { topic: 'orders-events', reason: 'NOT_JSON', consumer: 'order-saga', attempts: 1, status: 'WAITING' },
    { topic: 'products-commands', reason: 'UNKNOWN_TYPE', consumer: 'product', status: 'WAITING' },
    { topic: 'payments-events', reason: 'INVALID', consumer: 'order-saga', status: 'WAITING' },
    { topic: 'saga-events', reason: 'NOT_SAID', consumer: '', status: 'WAITING' },
  ])
  expect(Object.keys(letters[0] ?? {}).sort()).toEqual(
    ['id', 'topic', 'reason', 'error', 'key', 'at', 'consumer', 'attempts', 'status'].sort(),
  )
  expect((await operator.get(`/dead-letters/${letters[0]?.id}`)).body).toMatchObject({
    value: Buffer.from([0xff, 0xfe, 0x01]).toString('base64'),
    valueEncoding: 'base64',
    headers: { 'x-mine': 'kept' },
    partition: notJson?.partition,
    offset: notJson?.offset,
    decisions: [],
  })
  expect((await list('&topic=payments-events&status=WAITING')).map(({ key }) => key)).toEqual(['x-3'])
  expect(await list('&topic=payments-events&status=DISCARDED')).toEqual([])

  // Page by page it is the same list.
  const pages: Letter[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const { body } = await operator.get(`/dead-letters?limit=2${cursor && `&cursor=${cursor}`}`)
    pages.push(...(body.items as Letter[]))
    cursor = body.cursor as string | undefined
  }
  expect(pages).toEqual(await list())
})

test('only operators see and decide, and only with a reason', async () => {
  const { id } = await letterOf('x-2')
  for (const path of ['/dead-letters', `/dead-letters/${id}`]) expect((await alice.get(path)).status, path).toBe(403)
  for (const path of [`/dead-letters/${id}/redrive`, `/dead-letters/${id}/discard`, '/dead-letters/redrive'])
    expect((await alice.post(path, { reason: 'mine', all: true })).status, path).toBe(403)
  expect((await operator.post(`/dead-letters/${id}/redrive`, {})).body).toMatchObject({
    status: 400,
    errors: [{ field: 'reason' }],
  })
  expect((await operator.get('/dead-letters/nothing')).status).toBe(404)
})

test('a command that Lambda gave up on is redriven after the repair, and its order goes on; twice is harmless', async () => {
  await operator.product('dl-tea', 10, 350)
  await operator.pause('payment')
  const orderId = await alice.place({ 'dl-tea': 2 }, 'tok_visa')
  const command = await until('the command', 20_000, async () => (await recordsWith('payments-commands', orderId))[0])
  await giveUpAsLambda(system.brokers, 'payment', command)
  await operator.resume('payment')

  const letter = await letterOf(orderId)
  expect(letter).toMatchObject({
    topic: 'payments-commands',
    reason: 'RETRY_ATTEMPTS_EXHAUSTED',
    consumer: 'payment',
    attempts: 11,
  })
  const shown = await operator.get(`/dead-letters/${letter.id}`)
  expect(shown.body).toMatchObject({
    type: 'PaymentProcessCommand',
    messageId: command.headers['ce_id'],
    headers: command.headers,
    value: command.value?.toString(),
    saga: { saga: 'order', id: orderId, status: 'RUNNING', step: 'pay' },
  })
  expect(shown.body).not.toHaveProperty('warning')

  const answer = await redrive(letter.id)
  expect(answer).toMatchObject({ status: 202, body: { status: 'REDRIVEN', saga: { step: 'pay' } } })
  expect(await alice.end(orderId)).toMatchObject({ status: 'APPROVED', total: { amount: 700 } })

  const again = await redrive(letter.id, 'by mistake')
  expect(again).toMatchObject({
    status: 202,
    body: { saga: { status: 'COMPLETED' }, warning: expect.stringContaining('has ended') },
  })
  const copies = await until('the second copy', 20_000, async () => {
    const records = await recordsWith('payments-commands', orderId)
    return records.length === 3 && records
  })
  expect(new Set(copies.map(({ headers }) => headers['ce_id'])).size).toBe(1)
  for (const { headers, value } of copies)
    expect({ headers, value }).toEqual({ headers: command.headers, value: command.value })
  expect(await operator.chargesOf(orderId)).toEqual([{ amount: 700, currency: 'EUR', status: 'CAPTURED' }])
  expect((await operator.get(`/dead-letters/${letter.id}`)).body.decisions).toMatchObject([
    { status: 'REDRIVEN', by: 'olga', reason: 'repaired' },
    { status: 'REDRIVEN', by: 'olga', reason: 'by mistake' },
  ])
  expect((await discard(letter.id)).status).toBe(409)
})

test('what is discarded is recorded and stays so; what was handled can’t be discarded', async () => {
  const { id } = await letterOf('x-2')
  expect(await discard(id)).toMatchObject({ status: 202, body: { id, status: 'DISCARDED' } })
  expect(await discard(id)).toMatchObject({ status: 202, body: { id, status: 'DISCARDED' } })
  expect((await operator.get(`/dead-letters/${id}`)).body.decisions).toMatchObject([
    { status: 'DISCARDED', by: 'olga', reason: 'nobody needs it' },
  ])

  // The payment service has committed this command; that it failed at its reply is what the letter says.
  const orderId = await alice.place({ 'dl-tea': 1 }, 'tok_visa')
  await alice.end(orderId)
  const [command] = await recordsWith('payments-commands', orderId)
  if (command) await produce(system.brokers, [{ topic: 'payments-commands.dlq', ...asLambda(command, 'payment') }])
  const letter = await letterOf(orderId)
  expect(await discard(letter.id)).toMatchObject({ status: 409, body: { detail: expect.stringContaining('Redrive') } })
  expect((await redrive(letter.id)).status).toBe(202)
})

test('a record of 900 KB is shown whole and goes back byte for byte', async () => {
  const value = Buffer.alloc(900 * 1024, 'not JSON, ')
  await produce(system.brokers, [{ topic: 'products-events', key: 'x-large', value, headers: { ce_id: 'large-1' } }])
  const { id } = await letterOf('x-large')
  expect((await operator.get(`/dead-letters/${id}`)).body.value).toBe(value.toString())
  expect((await redrive(id)).status).toBe(202)
  const [first, second] = await until('the second copy', 20_000, async () => {
    const records = await recordsWith('products-events', 'x-large')
    return records.length === 2 && records
  })
  expect(second?.value?.equals(value)).toBe(true)
  expect(second?.headers).toEqual(first?.headers)
})

test('the command line lists, shows and redrives what waits, with progress; what fails again is another letter under its id', async () => {
  const broken = Array.from({ length: 5 }, (_, i) => ({
    topic: 'orders-commands',
    key: `b-${i}`,
    value: `broken ${i}`,
  }))
  await produce(system.brokers, broken)
  await Promise.all(broken.map(({ key }) => letterOf(key)))
  const listed = await cli('dead-letters', 'list', '--topic', 'orders-commands')
  expect(listed.stdout).toContain('NOT_JSON')
  const topic = ['dead-letters', 'redrive', '--topic', 'orders-commands', '--reason', 'try', '--rate', '2']
  const { stdout, stderr } = await cli(...topic)
  expect(stdout).toContain('redriven: 5')
  expect(stderr).toContain('redriven 2, 3 to look at')
  const found = await until('the five to fail again', 20_000, async () => {
    const letters = await list('&topic=orders-commands')
    return letters.length === 10 && letters
  })
  expect(found.map(({ status }) => status).sort()).toEqual([...Array(5).fill('REDRIVEN'), ...Array(5).fill('WAITING')])
  const shown = await cli(
    'dead-letters',
    'show',
    found.find(({ key, status }) => key === 'b-0' && status === 'WAITING')?.id ?? '',
  )
  // It had no id: it keeps the one that was made of where it was first.
  expect(shown.stdout).toMatch(/header ce_id\s+orders-commands-\d@\d+/)
  expect(shown.stdout).toContain('broken 0')
  await expect(cli('dead-letters', 'show', 'nothing')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no such thing'),
  })
})

test('what customers entrust to us is in nothing that the system prints, logs or lists', async () => {
  const { card, name, sub } = CANARIES
  const token = await tokenOf('--sub', sub)
  const customer = new HttpClient(system.url, token)
  const canaries = { ...CANARIES, jwt: token }
  await operator.product('canary-seed', 9, 100)
  expect((await operator.post('/customers', { customerId: 'c-canary', name })).status).toBe(201)
  const orderId = await customer.place({ 'canary-seed': 1 }, card)
  expect(await customer.end(orderId)).toMatchObject({ status: 'APPROVED' })
  const answers = await Promise.all([
    customer.post('/orders', { items: card, paymentMethod: [card] }),
    customer.call('/orders', { method: 'POST', raw: `"${card}`, headers: { 'content-type': 'application/json' } }),
    customer.get(`/orders?cursor=${token}`),
    customer.get(`/orders/${orderId}`),
    operator.get(`/orders/${orderId}`),
    operator.get(`/sagas/order/${orderId}`),
    new HttpClient(system.url, `${token}x`).get('/orders'),
  ])
  expect(canariesIn(JSON.stringify(answers), canaries)).toEqual([])

  const data = { items: card, paymentMethod: [card], customerId: { [name]: sub }, reason: [token], amount: card }
  const poison = ['orders-commands', 'products-commands', 'payments-commands', 'saga-commands'].flatMap(topic => [
    { topic, key: `canary-${topic}-1`, value: `${card} ${name} ${sub} ${token}` },
    { topic, key: `canary-${topic}-2`, value: JSON.stringify({ commandType: card, orderId: 'o1', data }) },
  ])
  const invalid = { commandType: 'PaymentProcessCommand', orderId: 'o1', data }
  poison.push({ topic: 'payments-commands', key: 'canary-invalid', value: JSON.stringify(invalid) })
  await produce(system.brokers, poison)
  const letters = await until('all canaries among the dead letters', 30_000, async () => {
    const found = (await list()).filter(({ key }) => key?.startsWith('canary-'))
    return found.length >= poison.length ? found : undefined
  })
  expect(letters).toHaveLength(poison.length)
  expect(canariesIn(JSON.stringify(await list()), canaries)).toEqual([])

  const files = (await readdir(system.folder, { recursive: true })).filter(file => /(^|\/)logs\/[^/]+\.log$/.test(file))
  const texts = await Promise.all(files.map(file => readFile(join(system.folder, file), 'utf8')))
  expect(texts.join('')).toContain('message.dead-letter')
  expect(canariesIn([system.stdout(), system.stderr(), ...texts].join('\n'), canaries)).toEqual([])
})

const cli = (...args: string[]) => cliOf(system.url, ...args)
