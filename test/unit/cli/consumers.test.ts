import { afterEach, beforeEach, expect, test } from 'vitest'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { systemClock } from '#engine/adapters/node/clock.ts'
import { consumersTable, nextEntry, rowOf } from '#engine/delivery/failure-entry.ts'
import { buildCli } from '../../../bin/cli/program.ts'
import { createOperationsApi } from '../../../lambdas/platform/operations/api.ts'
import { serveGateway } from '../../support/api-server.ts'
import { recordedLog } from '../../support/http.ts'

let store: ReturnType<typeof memoryStore>
let api: Awaited<ReturnType<typeof serveGateway>>
beforeEach(async () => {
  store = memoryStore([consumersTable])
  const ports = { store, clock: systemClock, log: recordedLog(), newId: () => 'a1', definitions: [] }
  const consumers = { order: ['orders-commands'], payment: ['payments-commands'] }
  api = await serveGateway(createOperationsApi({ ...ports, consumers }))
})
afterEach(() => api.close())

async function cli(...args: readonly string[]) {
  const out: string[] = []
  const err: string[] = []
  const run = buildCli({
    env: { RECOURSE_TOKEN: 'olga+operators' },
    out: text => void out.push(text),
    err: text => void err.push(text),
  })
  const code = await run(['--url', api.url, 'consumers', ...args])
  return { code, out: out.join('\n'), err: err.join('\n') }
}

/** The consumer `payment` fails now. */
async function fails(error = new TypeError('it can not be read')) {
  const since = systemClock.now()
  const place = { consumer: 'payment', topic: 'payments-commands', partition: 3, offset: 41 }
  await store.writeRows([rowOf(nextEntry(undefined, { ...place, error, since }, since))])
  return new Date(since).toISOString()
}

test('lists every consumer in a plain table, with what fails, since when and why', async () => {
  const since = await fails()
  const { code, out } = await cli('list')
  expect(code).toBe(0)
  expect(out.split('\n').map(line => line.split(/ {2,}/))).toEqual([
    ['CONSUMER', 'TOPIC', 'FAILING SINCE', 'RECORD', 'LAST ERROR'],
    ['order', 'orders-commands'],
    ['payment', 'payments-commands', since, 'partition 3, offset 41', 'TypeError: it can not be read'],
  ])
})

test('gives programs what the API says', async () => {
  const failingSince = await fails()
  expect(JSON.parse((await cli('list', '--json')).out)).toEqual({
    items: [
      { consumer: 'order', topic: 'orders-commands' },
      {
        consumer: 'payment',
        topic: 'payments-commands',
        failingSince,
        lastError: 'TypeError: it can not be read',
        blockedRecord: { topic: 'payments-commands', partition: 3, offset: 41 },
      },
    ],
  })
})

test('shows one with its whole error, and nothing that moves the cursor or turns the text', async () => {
  await fails(new Error(`\u001b[2J\u202e\n${'long '.repeat(100)}end`))
  const { out } = await cli('show', 'payment')
  expect(out).toMatch(
    /^consumer +payment\ntopic +payments-commands\nfailing since +\S+Z\nrecord +partition 3, offset 41\n/,
  )
  expect(out).toMatch(/long end$/)
  // oxlint-disable-next-line no-control-regex -- it is what must not be there
  expect(out).not.toMatch(/[\u001b\u202e]/)
  expect((await cli('show', 'order')).out).toMatch(/failing since +it does not fail$/)
})

test('names the consumers that there are where one is misspelt', async () => {
  expect(await cli('show', 'paymet')).toEqual({
    code: 1,
    out: '',
    err: 'There is no consumer paymet: there are order, payment',
  })
})
