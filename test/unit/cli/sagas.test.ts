import { sagaNamesOf } from '#engine/catalog/catalog.ts'
import { byDefault } from '#engine/catalog/choices.ts'
import { catalogFor, choices } from '../../../lambdas/catalog.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '#engine/adapters/node/clock.ts'
import { type MemoryStore, memoryStore } from '#engine/adapters/memory/store.ts'
import { packItem } from '#engine/delivery/stored-item.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import type { SagaState } from '#engine/saga/state.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { deadLettersTable } from '../../../lambdas/platform/dead-letters/tables.ts'
import { createOperationsApi } from '../../../lambdas/platform/operations/api.ts'
import { sagaActionsTable } from '../../../lambdas/platform/operations/tables.ts'
import { buildCli } from '../../../bin/cli/program.ts'
import { ticketSaga } from '../../example/kiosk.ts'
import { serveGateway } from '../../support/api-server.ts'
import { recordedLog } from '../../support/http.ts'

let store: MemoryStore
let api: Awaited<ReturnType<typeof serveGateway>>
beforeEach(async () => {
  store = memoryStore([sagasTable, sagaActionsTable, deadLettersTable])
  const ports = { store, clock: systemClock, log: recordedLog(), newId: () => 'action-1' }
  api = await serveGateway(createOperationsApi({ ...ports, definitions: [ticketSaga], consumers: {} }))
  const state: SagaState = {
    definition: 1,
    status: 'STUCK',
    step: 'hand-out',
    doing: 'do',
    data: {},
    pendingId: [2, 0],
    attempt: 10,
    deadlineAt: Date.parse('2026-11-21T12:15:00Z'),
    wakeAt: Date.parse('2026-11-21T12:10:00Z'),
    startedAt: Date.parse('2026-11-21T12:00:00Z'),
    updatedAt: Date.parse('2026-11-21T12:10:00Z'),
    timeline: '[[0,0,"ticket:~.1.0","d0"],[600000,"SagaWakeUp","wake:~.3","STUCK"]]',
  }
  const stored = { state, version: 4, handled: [], sent: [], rows: [], committedAt: 0 }
  const item = packItem(orchestrator(ticketSaga), 't1', stored)
  await store.commit([{ ref: { table: 'sagas', key: { sagaKey: 'ticket:t1' } }, previous: undefined, item }])
})
afterEach(() => api.close())

/** Runs the command line; the gateway of these tests takes the token as the user and its groups. */
async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = []
  const err: string[] = []
  const env = { RECOURSE_TOKEN: 'olga+operators' }
  const run = buildCli({ env, out: text => void out.push(text), err: text => void err.push(text) })
  const code = await run(['--url', api.url, ...args])
  return { code, out: out.join('\n'), err: err.join('\n') }
}

test('lists sagas', async () => {
  const { code, out } = await cli('sagas', 'list', '--status', 'STUCK', '--older-than', '1m')
  expect(code).toBe(0)
  expect(out).toMatch(/^SAGA +ID +STATUS +STEP +UPDATED\nticket +t1 +STUCK +hand-out +2026-11-21T12:10:00.000Z/)
  expect((await cli('sagas', 'list', '--status', 'RUNNING')).out).toContain('there is none')
})

test('shows a saga with its timeline', async () => {
  const { code, out } = await cli('sagas', 'show', 'ticket', 't1')
  expect(code).toBe(0)
  expect(out).toMatch(/waits for +HandOut, try 10/)
  expect(out).toMatch(/2026-11-21T12:00:00.000Z +Sold +do print +ticket:t1.1.0/)
  expect(out).toMatch(/SagaWakeUp +STUCK +wake:t1.3/)
  const json = await cli('--json', 'sagas', 'show', 'ticket', 't1')
  expect(JSON.parse(json.out)).toMatchObject({ id: 't1', status: 'STUCK' })
})

test('retries one, with a reason', async () => {
  expect((await cli('sagas', 'retry', 'ticket', 't1')).err).toContain("required option '--reason <text>'")
  const { code, out } = await cli('sagas', 'retry', 'ticket', 't1', '--reason', 'it is back')
  expect(code).toBe(0)
  expect(out).toContain('sagas show ticket t1')
  expect(store.items('saga-actions')).toMatchObject([{ kind: 'retry', by: 'olga', reason: 'it is back' }])
})

test('says why one cannot be aborted, with exit code 1', async () => {
  const { code, err } = await cli('sagas', 'abort', 'ticket', 't1', '--reason', 'x')
  expect(code).toBe(1)
  expect(err).toContain(
    "It conflicts with what is there: The saga ticket t1 can't be aborted: it is past its point of no return",
  )
})

test('resolves one; what is not JSON is said before anything is asked', async () => {
  const resolve = ['sagas', 'resolve', 'ticket', 't1', '--reason', 'x', '--outcome']
  expect((await cli(...resolve, 'done', '--reply', 'nonsense')).err).toContain('Write it as a JSON object')
  expect((await cli(...resolve, 'perhaps')).err).toContain('It is done or refused')
  expect((await cli(...resolve, 'done')).code).toBe(0)
})

test('prints a diagram without any API', async () => {
  const names = sagaNamesOf(catalogFor(byDefault(choices)))
  for (const name of names) {
    const { code, out } = await cli('sagas', 'diagram', name)
    expect(code).toBe(0)
    expect(out).toMatch(/\nstateDiagram-v2/)
  }
  const { err } = await cli('sagas', 'diagram', 'nothing')
  expect(err).toContain(`There is no saga nothing: there are ${names.join(', ')}`)
})
