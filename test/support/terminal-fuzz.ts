/** Whatever is in any field of any answer of the API: no command lets it act on the terminal, or make a line of its own. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../../bin/cli/program.ts'

/** Spelled out, so that it is not what the code itself believes. */
// oxlint-disable-next-line no-control-regex -- what is not seen has to be named
export const ACTS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/
const CHARACTERS = [
  '\u001b[2J\u001b]0;owned\u0007',
  '\u009b31m',
  '\u007f\b\b\r',
  '\n  APPROVED',
  '\u2028',
  '\u2029',
  '\u0085',
  '\u202egnp.exe\u202c',
  '\u2066\u2069\u200e\u200f\u061c',
  'a\u200bb\u2060\ufeff',
  '\ud83d',
  '\u{e0041}',
  '|',
  'tea',
  '\u0301',
]
const text = fc
  .array(fc.oneof(fc.constantFrom(...CHARACTERS), fc.string({ unit: 'binary' })), { maxLength: 4 })
  .map(a => a.join(''))

let server: Server
let url: string
let answer: (path: string) => { status: number; body: unknown }

export async function cli(args: readonly string[]) {
  const out: string[] = []
  const err: string[] = []
  const run = buildCli({ env: { RECOURSE_TOKEN: 't' }, out: one => void out.push(one), err: one => void err.push(one) })
  const code = await run(['--url', url, ...args])
  return { code, out: out.join('\n'), err: err.join('\n') }
}

/** An answer with all that any command shows, each text of it `s()`. */
function everything(path: string, s: () => string) {
  const saga = { saga: s(), id: s(), status: s(), step: s() }
  const one = {
    ...saga,
    ...(path.startsWith('/dead-letters') && { saga, warning: s() }),
    orderId: s(),
    productId: s(),
    quantity: 1,
    total: { amount: 1, currency: s() },
    createdAt: s(),
    at: s(),
    topic: s(),
    reason: s(),
    error: s(),
    key: s(),
    consumer: s(),
    failingSince: s(),
    blockedRecord: { topic: s(), partition: 0, offset: 0 },
    updatedAt: s(),
    attempts: 1,
    version: 1,
    attempt: 1,
    waitingFor: s(),
    wakesAt: s(),
    deadlineAt: s(),
    lastError: s(),
    deadLetters: [s()],
    timeline: [{ at: s(), step: s(), what: s(), ledTo: s(), messageId: s(), by: s(), reason: s() }],
    partition: 0,
    offset: 0,
    messageId: s(),
    type: s(),
    value: s(),
    headers: { [s()]: s() },
    decisions: [{ status: s(), by: s(), reason: s(), at: s() }],
    service: s(),
    messages: [{ id: s(), type: s(), changed: ['f'], before: { f: s() }, after: { f: { [s()]: s() } } }],
    receivers: s(),
    actionId: s(),
    redriven: 1,
    passed: 1,
    left: 0,
    warnings: [{ id: s(), saga, warning: s() }],
    passedOver: [{ id: s(), saga, why: s() }],
  }
  return { ...one, items: [one] }
}

/** Tests of these commands, against a server that answers whatever a test says. */
export function testsOfCommands(commands: readonly (readonly string[])[]): void {
  beforeAll(async () => {
    server = createServer((request, response) => {
      const { status, body } = answer(request.url ?? '')
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  describe.each(commands.map(args => [args.join(' '), args] as const))('%s', (_, args) => {
    test('shows what others wrote, and lets it do nothing', async () => {
      answer = path => ({ status: 200, body: everything(path, () => 'plain') })
      const usual = await cli(args)
      expect(usual.code).toBe(0)
      const linesOf = ({ out, err }: typeof usual) => [out, err].map(one => one.split('\n').length)
      await fc.assert(
        fc.asyncProperty(fc.array(text, { minLength: 5, maxLength: 5 }), async texts => {
          let i = 0
          answer = path => ({ status: 200, body: everything(path, () => texts[i++ % texts.length] ?? '') })
          const shown = await cli(args)
          expect(shown.out).not.toMatch(ACTS)
          expect(shown.err).not.toMatch(ACTS)
          expect(linesOf(shown)).toEqual(linesOf(usual))
        }),
        { numRuns: 15 },
      )
    })

    test('gives a program the texts as they are, in characters that do nothing', async () => {
      const all = CHARACTERS.join('')
      answer = path => ({ status: 200, body: everything(path, () => all) })
      const { out } = await cli(['--json', ...args])
      expect(out).not.toMatch(ACTS)
      const found = JSON.parse(out)
      // A bulk redrive sums up; everything else is what was answered.
      expect(JSON.stringify(found)).toContain(JSON.stringify(all).slice(1, -1))
    })

    test('refuses with what the API says, and lets it do nothing', async () => {
      await fc.assert(
        fc.asyncProperty(text, text, async (title, detail) => {
          answer = () => ({ status: 409, body: { type: detail, title, detail } })
          for (const mode of [[], ['--json']]) {
            const { code, out, err } = await cli([...mode, ...args])
            expect(code).toBe(1)
            expect(out).not.toMatch(ACTS)
            expect(err).not.toMatch(ACTS)
            expect(err.split('\n').length).toBeLessThanOrEqual(1)
          }
        }),
        { numRuns: 10 },
      )
    })
  })
}
