import { beforeEach, expect, test } from 'vitest'
import { runScenarios } from '../../../localstack/scenarios/run.ts'
import { sandboxRoutes } from '../../../localstack/sandbox/routes.ts'
import { serveGateway } from '../../support/api-server.ts'
import { smallSystem } from '../../support/small-system.ts'

let system: ReturnType<typeof smallSystem>
beforeEach(() => {
  system = smallSystem()
})

/** Runs all scenarios over HTTP against the system in memory. */
async function run(settleMaxMs = 5_000): Promise<{ ok: boolean; text: string }> {
  const provider = {
    charges: async () => system.provider.charges(),
    setMode: async () => {},
  }
  const api = await serveGateway(system.app, sandboxRoutes(provider, system.log))
  const printed: string[] = []
  const { ok } = await runScenarios({
    url: api.url,
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
  const { ok, text } = await run()
  expect(text).toContain('7 of 7 scenarios ended as they should')
  expect(text).not.toContain('NOT AS IT SHOULD')
  expect(ok).toBe(true)
  expect(text).toMatch(/PaymentProcessCommand +payments-commands +\d +\d+ +\d/)
  expect(system.log.lines.filter(line => line.level === 'error')).toEqual([])
})

test('a charge that nobody should hold fails its scenario', async () => {
  const charges = system.provider.charges.bind(system.provider)
  system.provider.charges = () => charges().map(charge => ({ ...charge, status: 'CAPTURED' }))
  const { ok, text } = await run(200)
  expect(ok).toBe(false)
  expect(text).toContain('6 of 7 scenarios')
  expect(text).toMatch(/card declined[^]*NOT AS IT SHOULD:\n +- the provider's ledger holds .*CAPTURED.*DECLINED/)
})
