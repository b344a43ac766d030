/** What the logs tell of an ordinary order: every message, by its saga and its id, and nothing that is in it. */
import { memoryLog } from '#shared/adapters/memory/log.ts'
import { describe, expect, it } from 'vitest'
import { tellHandled } from '#shared/messaging/told.ts'
import { placeInBatches } from '../../support/in-process.ts'

interface Told {
  readonly sagaId: string
  readonly messageId?: string
  readonly type?: string
  readonly said?: readonly { readonly type: string; readonly messageId: string }[]
  readonly traceId?: string
}

describe('an approved order in the logs', () => {
  it('is told by every message that was handled, with what that led to', async () => {
    const log = memoryLog()
    await placeInBatches(1, undefined, () => log)
    const told = log.lines
      .filter(({ level }) => level === 'info')
      .map(({ message, fields }) => ({ message, ...(fields as unknown as Told) }))
    expect(told.map(({ message, type = '', said = [] }) => [message, type, ...said.map(one => one.type)])).toEqual([
      ['published', '', 'OrderCreatedEvent'],
      ['handled', 'OrderCreatedEvent', 'ProductReserveCommand'],
      ['handled', 'ProductReserveCommand', 'ProductReserveConfirmationEvent'],
      ['handled', 'ProductReserveConfirmationEvent', 'PaymentProcessCommand'],
      ['handled', 'PaymentProcessCommand', 'PaymentProcessSuccessfulEvent'],
      ['handled', 'PaymentProcessSuccessfulEvent', 'OrderApprovedCommand'],
      ['handled', 'OrderApprovedCommand', 'OrderApprovedEvent'],
      ['handled', 'OrderApprovedEvent'],
    ])
    // Each message that is handled was said on a line before, under the same id.
    const said = told.flatMap(({ said: ids = [] }) => ids.map(({ messageId }) => messageId))
    expect(told.flatMap(({ messageId }) => messageId ?? [])).toEqual(said)
    const [{ sagaId } = { sagaId: '' }] = told
    expect(new Set(told.map(line => line.sagaId))).toEqual(new Set([sagaId]))
    const traces = new Set(told.flatMap(({ traceId }) => traceId ?? []))
    expect([...traces]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)])
    expect(JSON.stringify(log.lines)).not.toMatch(/tok_|auth0|1250/)
  })
})

describe('what is told of a message', () => {
  const heard = { sagaId: 'o1', id: 'order:o1:1:0', type: 'OrderCreatedEvent' } as never
  const linesOf = (fate: never) => {
    const log = memoryLog()
    tellHandled(log, { fates: [{ heard, fate }], effects: { sent: [], rows: [] } }, () => undefined)
    return log.lines.map(({ message }) => message)
  }

  it.each([
    ['committed', ['handled']],
    ['answered', ['handled']],
    ['again', ['handled before']],
    // These have lines of their own, with a reason.
    ['ignored', []],
    ['refused', []],
    ['calling', []],
    ['bug', []],
  ])('that is %s', (fate, lines) => expect(linesOf(fate as never)).toEqual(lines))
})
