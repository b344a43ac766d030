import { afterEach, beforeEach, expect, test } from 'vitest'
import { deadLetter } from '#engine/delivery/dead-letter.ts'
import { buildCli } from '../../../bin/cli/program.ts'
import { serveGateway } from '../../support/api-server.ts'
import { deadLetters, readBack, record, START } from '../../support/dead-letters.ts'

let desk: ReturnType<typeof deadLetters>
let api: Awaited<ReturnType<typeof serveGateway>>
beforeEach(async () => {
  desk = deadLetters()
  api = await serveGateway(desk.app)
})
afterEach(() => api.close())

/** Runs the command line as an operator, unless another token is given. */
async function cli(args: readonly string[], token = 'olga+operators') {
  const out: string[] = []
  const err: string[] = []
  const run = buildCli({
    env: { RECOURSE_TOKEN: token },
    out: text => void out.push(text),
    err: text => void err.push(text),
  })
  const code = await run(['--url', api.url, 'dead-letters', ...args])
  return { code, out: out.join('\n'), err: err.join('\n') }
}

/** Dead letters `k0`, `k1` …, a second apart. */
async function addDeadLetter(count: number, value = '{"a":1}'): Promise<string[]> {
  for (let n = 0; n < count; n += 1) {
    const own = record({ key: `k${n}`, offset: n, value })
    const about = { reason: 'NO_TYPE', error: 'there is no type', consumer: 'order', attempts: 1 } as const
    await desk.index([readBack(deadLetter(own, about), n, START + n * 1000)])
  }
  await desk.clock.advance(count * 1000)
  const { items } = (await desk.get('/dead-letters?limit=100')).body as { items: { id: string }[] }
  return items.map(({ id }) => id).toReversed()
}

test('lists in a plain table, newest first, and says how to go on', async () => {
  expect((await cli(['list'])).out).toBe('no dead letters')
  await addDeadLetter(3)
  const { code, out } = await cli(['list', '--limit', '2'])
  expect(code).toBe(0)
  expect(out).toMatch(/^ID +TOPIC +REASON +KEY +AT +CONSUMER +STATUS/)
  expect(
    out
      .split('\n')
      .slice(1, 3)
      .map(line => line.split(/ {2,}/)[3]),
  ).toEqual(['k2', 'k1'])
  const cursor = /--cursor (\S+)/.exec(out)?.[1] ?? ''
  expect((await cli(['list', '--limit', '2', '--cursor', cursor])).out).toContain('k0')
  expect((await cli(['list', '--status', 'DISCARDED'])).out).toBe('no dead letters')
})

test('shows where one came from, its bytes, and nothing that moves the cursor of a terminal', async () => {
  const [id = ''] = await addDeadLetter(1, '\u001b[2J{"broken"\n')
  const { out } = await cli(['show', id])
  expect(out).toMatch(/came from +orders-commands, partition 0, offset 0/)
  expect(out).toMatch(/message +no type orders-commands-0@0/)
  expect(out).toContain('{"broken"')
  expect(out).not.toContain('\u001b')
  expect(JSON.parse((await cli(['show', id, '--json'])).out)).toMatchObject({ id, value: '\u001b[2J{"broken"\n' })
})

test('redrives and discards one with a reason, and says what its saga looks like', async () => {
  const [first = '', second = ''] = await addDeadLetter(2)
  const item = { sagaKey: 'ticket:k0', status: 'COMPLETED', step: 'hand-out', doing: 'do' }
  await desk.store.writeRows([{ ref: { table: 'sagas', key: { sagaKey: 'ticket:k0' } }, item }])
  const { code, out } = await cli(['redrive', first, '--reason', 'repaired'])
  expect(code).toBe(0)
  expect(out).toBe(
    `${first} goes back to orders-commands\nsaga: ticket k0 is COMPLETED at hand-out\nwarning: the saga ticket k0 has ended: it is COMPLETED`,
  )
  expect((await cli(['discard', second, '--reason', 'noise'])).out).toBe(`${second} is set aside`)
  expect((await cli(['show', second])).out).toMatch(/discarded +by olga at \S+: noise/)
})

test('redrives a topic at its rate, tells how far it is, and sums up', async () => {
  await addDeadLetter(5)
  const redrive = ['redrive', '--topic', 'orders-commands', '--reason', 'x', '--rate', '100']
  expect(await cli(redrive)).toEqual({ code: 0, out: 'redriven: 5', err: '' })
  expect(JSON.parse((await cli([...redrive, '--json'])).out)).toEqual({
    redriven: 0,
    passed: 0,
    warnings: [],
    passedOver: [],
  })
})

test('says which commands it passed over, as their sagas do not wait for them', async () => {
  const value = JSON.stringify({ commandID: 'c', ticketId: 'k0', commandType: 'Print', data: {} })
  const [id = ''] = await addDeadLetter(1, value)
  const item = { sagaKey: 'ticket:k0', status: 'RUNNING', step: 'hand-out', doing: 'do' }
  await desk.store.writeRows([{ ref: { table: 'sagas', key: { sagaKey: 'ticket:k0' } }, item }])
  const why = 'the saga ticket k0 has moved on: it is at the step hand-out, and waits for no answer to Print'
  expect(await cli(['redrive', '--all', '--reason', 'x'])).toEqual({
    code: 0,
    out: 'redriven: 0\nleft as they are: 1\nof these, commands that their sagas do not wait for: 1 (discard them)',
    err: `${id}: passed over, ${why}`,
  })
  const one = await cli(['redrive', id, '--reason', 'x'])
  expect(one.code).toBe(1)
  expect(one.err).toContain(why)
})

test('a second’s worth of records is one request', async () => {
  await addDeadLetter(3)
  const { out, err } = await cli(['redrive', '--all', '--reason', 'x', '--rate', '2'])
  expect({ out, err }).toEqual({ out: 'redriven: 3', err: 'redriven 2, 1 to look at' })
})

test('some: by why they are dead, by who gave up on them and by time', async () => {
  await addDeadLetter(4)
  const some = ['redrive', '--all', '--reason', 'x', '--only-reason', 'NO_TYPE', '--only-consumer', 'order']
  const { out } = await cli([...some, '--from', '2026-11-21T12:00:01Z', '--to', '2026-11-21T12:00:02Z'])
  expect(out).toBe('redriven: 2')
  expect((await cli(['redrive', '--all', '--reason', 'x', '--only-reason', 'REFUSED'])).out).toBe(
    'redriven: 0\nleft as they are: 2',
  )
})

test('wrong usage says what is wrong and sends nothing back', async () => {
  await addDeadLetter(1)
  for (const [args, outgoing] of [
    [['redrive', '--all'], "'--reason <text>'"],
    [['redrive', '--reason', 'x'], 'give one of <id>, --topic <topic> and --all'],
    [['redrive', 'an-id', '--all', '--reason', 'x'], 'give one of <id>'],
    [['redrive', '--all', '--reason', 'x', '--rate', '0'], 'whole number from 1 to 1000'],
    [['redrive', '--all', '--reason', 'x', '--from', 'once'], '2026-11-21T18:00:00Z'],
    [['discard', 'an-id'], "'--reason <text>'"],
  ] as const) {
    const { code, err } = await cli(args)
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(outgoing) as unknown })
  }
  expect(desk.fed).toEqual([])
})

test("an error ends with code 1 and the problem's title", async () => {
  expect(await cli(['show', 'nothing'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('There is no such thing'),
  })
  expect(await cli(['list'], 'alice')).toMatchObject({
    code: 1,
    err: expect.stringContaining('Only operators may do this'),
  })
})
