import { describe, expect, it } from 'vitest'
import { inputsOf } from '../../../lib/bundling/inputs.ts'
import { inWaves, isSource, whatDiffers, whatToSwap } from '../../../localstack/watch/what-to-swap.ts'

const rules = 'lambdas/services/order/rules.ts'
const contract = 'lambdas/services/order/contract.ts'
const inputs = new Map([
  ['order', new Set([rules, contract])],
  ['order-api', new Set([rules, contract, 'lambdas/services/order/api.ts'])],
  ['payment', new Set(['lambdas/services/payment/rules.ts', contract])],
  ['timeouts', new Set([rules, 'lambdas/catalog.ts'])],
])

describe('a change of files', () => {
  it('rebuilds the functions that hold one of them, and no other', () => {
    expect(whatToSwap(['lambdas/services/payment/rules.ts'], inputs)).toEqual({
      rebuild: ['payment'],
      restart: [],
      unused: [],
    })
    expect(whatToSwap([rules], inputs).rebuild).toEqual(['order', 'order-api', 'timeouts'])
    expect(whatToSwap([contract, 'lambdas/services/order/api.ts'], inputs).rebuild).toEqual([
      'order',
      'order-api',
      'payment',
    ])
  })

  it.each([
    'lambdas/catalog.ts',
    'lambdas/quoting.ts',
    'lambdas/topic-names.ts',
    'lib/config.ts',
    'lib/bundling/no-sts.ts',
    'bin/app.ts',
    'localstack/start.ts',
  ])('%s asks for a restart and swaps nothing', file => {
    expect(whatToSwap([file], inputs)).toEqual({ rebuild: [], restart: [file], unused: [] })
  })

  it('does both when both changed', () => {
    expect(whatToSwap(['lambdas/catalog.ts', 'lambdas/services/payment/rules.ts'], inputs)).toEqual({
      rebuild: ['payment'],
      restart: ['lambdas/catalog.ts'],
      unused: [],
    })
  })

  it('names a file that is in no function', () => {
    expect(whatToSwap(['lambdas/services/shipment/rules.ts'], inputs)).toEqual({
      rebuild: [],
      restart: [],
      unused: ['lambdas/services/shipment/rules.ts'],
    })
  })

  it('tries a function again whose last bundling failed, whatever changed: the missing file may be a new one', () => {
    expect(whatToSwap(['lambdas/services/shipment/rules.ts'], inputs, new Set(['payment'])).rebuild).toEqual([
      'payment',
    ])
    expect(whatToSwap(['lib/config.ts'], inputs, new Set(['payment'])).rebuild).toEqual([])
  })

  it("does not look at an editor's own files", () => {
    expect(
      ['lambdas/services/order/.rules.ts.swp', 'lambdas/x/rules.ts~', 'lambdas/x/4913', 'lambdas/x/.#a.ts'].filter(
        isSource,
      ),
    ).toEqual([])
    expect(isSource(rules)).toBe(true)
  })

  it('swaps those first whose folder it is in', () => {
    const entries = new Map([
      ['order', 'lambdas/services/order/handler.ts'],
      ['order-api', 'lambdas/services/order/http.ts'],
      ['timeouts', 'lambdas/platform/timeouts/handler.ts'],
    ])
    expect(inWaves(['timeouts', 'order', 'order-api'], entries, [rules])).toEqual([
      ['order', 'order-api'],
      ['timeouts'],
    ])
    expect(inWaves(['timeouts'], entries, [rules])).toEqual([['timeouts']])
  })
})

describe('what is deployed', () => {
  it('differs by what is new, gone or of another content', () => {
    expect(
      whatDiffers(
        { 'topic a': '', 'function x': '1', 'table t': '2' },
        { 'topic b': '', 'function x': '9', 'table t': '2' },
      ),
    ).toEqual(['function x', 'topic a', 'topic b'])
    expect(whatDiffers({ 'topic a': '' }, { 'topic a': '' })).toEqual([])
  })
})

describe('what a bundle is made of', () => {
  it('is all that its entry imports, in circles too, and nothing else', () => {
    const imports = (...paths: string[]) => ({
      bytes: 1,
      imports: paths.map(path => ({ path, kind: 'import-statement' as const })),
    })
    const metafile = {
      inputs: {
        'a.ts': imports('b.ts', 'node:fs'),
        'b.ts': imports('c.ts'),
        'c.ts': imports('a.ts'),
        'd.ts': imports(),
      },
      outputs: { 'dist/a.mjs': { bytes: 1, inputs: {}, imports: [], exports: [], entryPoint: 'a.ts' } },
    }
    expect([...inputsOf(metafile, 'dist/a.mjs')].toSorted()).toEqual(['a.ts', 'b.ts', 'c.ts', 'node:fs'])
    expect(inputsOf(metafile, 'dist/z.mjs').size).toBe(0)
  })
})
