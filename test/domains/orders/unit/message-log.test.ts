/** What the logs tell of an ordinary order: every message, by its saga and its id, and nothing that is in it. */
import { memoryLog } from '#engine/adapters/memory/log.ts'
import { describe, expect, it } from 'vitest'
import { logHandled } from '#engine/delivery/message-log.ts'
import { placeInBatches } from '../../../../scripts/cost/orders-in-process.ts'

interface Line {
  readonly sagaId: string
  readonly messageId?: string
  readonly type?: string
  readonly published?: readonly { readonly type: string; readonly messageId: string }[]
  readonly traceId?: string
}

describe('an approved order in the logs', () => {
  it('is told by every message that was handled, with what that led to', async () => {
    const log = memoryLog()
    await placeInBatches(1, undefined, () => log)
    const told = log.lines
      .filter(({ level }) => level === 'info')
      .map(({ message, fields }) => ({ message, ...(fields as unknown as Line) }))
    expect(
      told.map(({ message, type = '', published = [] }) => [message, type, ...published.map(one => one.type)]),
    ).toEqual([
      ['message.published', '', 'OrderCreatedEvent'],
      ['message.handled', 'OrderCreatedEvent', 'ProductReserveCommand'],
      ['message.handled', 'ProductReserveCommand', 'ProductReserveConfirmationEvent'],
      ['message.handled', 'ProductReserveConfirmationEvent', 'PaymentProcessCommand'],
      ['message.handled', 'PaymentProcessCommand', 'PaymentProcessSuccessfulEvent'],
      ['message.handled', 'PaymentProcessSuccessfulEvent', 'OrderApprovedCommand'],
      ['message.handled', 'OrderApprovedCommand', 'OrderApprovedEvent'],
      ['message.handled', 'OrderApprovedEvent'],
    ])
    // Each message that is handled was published on a line before, under the same id.
    const outgoing = told.flatMap(({ published: ids = [] }) => ids.map(({ messageId }) => messageId))
    expect(told.flatMap(({ messageId }) => messageId ?? [])).toEqual(outgoing)
    const [{ sagaId } = { sagaId: '' }] = told
    expect(new Set(told.map(line => line.sagaId))).toEqual(new Set([sagaId]))
    const traces = new Set(told.flatMap(({ traceId }) => traceId ?? []))
    expect([...traces]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)])
    expect(JSON.stringify(log.lines)).not.toMatch(/tok_|auth0|1250/)
  })
})

describe('what is told of a message', () => {
  const message = { sagaId: 'o1', id: 'order:o1:1:0', type: 'OrderCreatedEvent' } as never
  const linesOf = (fate: never) => {
    const log = memoryLog()
    logHandled(log, { fates: [{ message, fate }], effects: { sent: [], rows: [] } }, () => undefined)
    return log.lines.map(({ message }) => message)
  }

  it.each([
    ['committed', ['message.handled']],
    ['answered', ['message.handled']],
    ['duplicate', ['message.duplicate']],
    // These have lines of their own, with a reason.
    ['ignored', []],
    ['refused', []],
    ['calling', []],
    ['bug', []],
  ])('that is %s', (fate, lines) => expect(linesOf(fate as never)).toEqual(lines))
})
