import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openFunctionLog, worthShowing } from '../../../../localstack/runtime/functions/log.ts'
import { temporaryFolder } from '../temporary.ts'

describe("functions' log", () => {
  it.each([
    ['an everyday line', 'out', '{"level":"info","message":"started"}', undefined],
    ['a metric', 'out', '{"_aws":{},"service":"order","duplicates":1}', undefined],
    [
      'a warning',
      'out',
      '{"time":"…","level":"warn","service":"order","message":"delivered again","failed":3}',
      'warn delivered again failed=3',
    ],
    [
      'an error by its message',
      'out',
      '{"level":"error","message":"lost","error":{"message":"throttled","stack":"long"}}',
      'error lost error=throttled',
    ],
    ['plain text', 'out', 'hello', undefined],
    ['plain text on standard error', 'err', 'Warning: something', 'Warning: something'],
  ] as const)('shows of %s what a user should see', (_, stream, line, shown) => {
    expect(worthShowing(stream, line)).toBe(shown)
  })

  it("shows of an error the first frame of the user's own code, not the engine's", () => {
    const root = join(import.meta.dirname, '../../../..')
    const stack = [
      'Error: no such status',
      `    at become (file://${root}/lambdas/engine/model/aggregate.ts:9:3)`,
      `    at Object.decide (${root}/lambdas/services/order/rules.ts:41:11)`,
      `    at ${root}/lambdas/sagas/order/saga.ts:7:1`,
    ].join('\n')
    const line = JSON.stringify({ level: 'error', message: 'rules threw', error: { message: 'no such status', stack } })
    expect(worthShowing('out', line)).toBe(
      'error rules threw error=no such status (at lambdas/services/order/rules.ts:41)',
    )
  })

  it('keeps every line in the file and shows a bounded number', async () => {
    const file = join(temporaryFolder(), 'logs', 'functions.log')
    const shown: string[] = []
    const log = openFunctionLog(file, line => shown.push(line))
    for (let i = 0; i < 500; i += 1) log.write('order', 'err', `line ${i}`)
    await log.close()
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(500)
    expect(shown.length).toBeLessThan(30)
    expect(shown).toContain('order: line 0')
  })
})
