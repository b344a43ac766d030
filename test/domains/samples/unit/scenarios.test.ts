import { beforeEach, expect, test } from 'vitest'
import { runScenarios } from '../../../../localstack/scenarios/run.ts'
import { sandboxRoutes } from '../../../../localstack/runtime/sandbox-routes.ts'
import { serveGateway } from '../../../support/api-server.ts'
import { orderPlays } from '../../../../localstack/scenarios/order-plays.ts'
import type { Play } from '../../../../localstack/scenarios/play.ts'
import { quotePlays } from '../../../../localstack/scenarios/quote-plays.ts'
import { quotingSystem, smallSystem } from '../small-system.ts'

let orders: ReturnType<typeof smallSystem>
beforeEach(() => {
  orders = smallSystem()
})

type System = Pick<ReturnType<typeof quotingSystem>, 'app' | 'records' | 'log'>

/** Plays all scenarios over HTTP against a system in memory. */
async function run(
  plays: readonly Play[],
  system: System,
  settleMaxMs = 5_000,
): Promise<{ ok: boolean; text: string }> {
  const provider = {
    url: 'http://127.0.0.1',
    charges: async () => orders.provider.charges(),
    setMode: async () => {},
  }
  const sources = { pause: async () => false, resume: async () => false, stop: async () => {} }
  const api = await serveGateway(
    system.app,
    sandboxRoutes(provider, () => sources),
  )
  const printed: string[] = []
  const { ok } = await runScenarios({
    url: api.url,
    plays,
    token: async (sub, groups = []) => [sub, ...groups].join('+'),
    timeline: sagaId =>
      system
        .records()
        .filter(record => record.key === sagaId)
        .map(({ topic, partition, offset, headers }) => ({
          message: String(headers['ce_type']),
          topic,
          partition,
          offset,
          version: Number(String(headers['ce_id']).split('.').at(-2)),
        })),
    settleMaxMs,
    print: text => void printed.push(text),
  })
  await api.close()
  return { ok, text: printed.join('\n') }
}

test('every scenario ends as it should, to the last unit and message', async () => {
  const { ok, text } = await run(orderPlays, orders)
  expect(text).toContain('7 of 7 scenarios ended as they should')
  expect(text).not.toContain('NOT AS IT SHOULD')
  expect(ok).toBe(true)
  expect(text).toMatch(/PaymentProcessCommand +payments-commands +\d +\d+ +\d/)
  expect(orders.log.lines.filter(line => line.level === 'error')).toEqual([])
})

test('a charge that nobody should hold fails its scenario', async () => {
  const charges = orders.provider.charges.bind(orders.provider)
  orders.provider.charges = () => charges().map(charge => ({ ...charge, status: 'CAPTURED' }))
  const { ok, text } = await run(orderPlays, orders, 200)
  expect(ok).toBe(false)
  expect(text).toContain('6 of 7 scenarios')
  expect(text).toMatch(/card declined[^]*NOT AS IT SHOULD:\n +- the provider's ledger holds .*CAPTURED.*DECLINED/)
})

test('every quote ends as it should, with its policy, its count and its messages', async () => {
  const quoting = quotingSystem('orchestration')
  const { ok, text } = await run(quotePlays('orchestration'), quoting)
  expect(text).toContain('3 of 3 scenarios ended as they should')
  expect(ok).toBe(true)
  expect(text).toMatch(/CompleteQuote +saga-commands +\d +\d+ +\d/)
  expect(quoting.log.lines.filter(line => line.level === 'error')).toEqual([])
})
