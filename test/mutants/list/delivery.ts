/** The ten delivery rules, each broken in the ways that somebody might. */
import { type Mutant, patch } from '../mutant.ts'

export const delivery: readonly Mutant[] = [
  {
    name: 'ids-without-the-type',
    rule: 'delivery 1',
    does: 'An order, its reservation and its saga publish messages under the same ids.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/stored-item.ts',
        '`${aggregate.type}:${key}.${version}.${n}`',
        '`${key}.${version}.${n}`',
      ),
    ],
  },
  {
    name: 'numbers-without-the-dropped',
    rule: 'delivery 1',
    does: 'Messages that a fold dropped are not counted.',
    worlds: ['event-sourcing', 'orders', 'late orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/apply-decision.ts',
        'draft.published = draft.published.filter(s => !isCommand(s))',
        'draft.published = draft.published.filter(s => !isCommand(s))\n    draft.n = draft.published.length',
      ),
    ],
  },
  {
    name: 'ids-by-offset',
    rule: 'delivery 1',
    does: 'A message is known by its place in the topic, so one that comes back is another.',
    worlds: ['orders', 'orchestration', 'choreography'],
    patches: [
      patch(
        'lambdas/engine/delivery/envelope.ts',
        'const id = textOf(idGiven) ?? positionId(record)',
        'const id = positionId(record)',
      ),
    ],
  },
  {
    name: 'a-number-is-everybodys',
    rule: 'delivery 1',
    does: 'A duplicate is known by its id alone: the first command of one service is the first one of another.',
    worlds: ['orchestration', 'choreography', 'event-sourcing'],
    patches: [
      patch(
        'lambdas/engine/delivery/message-identity.ts',
        'if (source?.startsWith(OWN_SOURCE)) return boundedId(id)',
        'if (source !== undefined) return boundedId(id)',
      ),
    ],
  },
  {
    name: 'a-redriven-record-is-nobodys',
    rule: 'delivery 1',
    does: 'A record that comes back has no source any more, so it is another message.',
    worlds: ['orchestration', 'choreography', 'event-sourcing'],
    patches: [
      patch(
        'lambdas/platform/dead-letters/redriver.ts',
        'keptHeaders: headers,',
        "keptHeaders: headers.filter(({ name }) => name !== 'ce_source'),",
      ),
    ],
  },
  {
    name: 'an-id-that-is-no-text-is-passed-over',
    rule: 'delivery 1',
    does: 'Where an id is a number, another is looked for: two orders become one under their record key.',
    worlds: ['orders', 'orchestration', 'choreography', 'event-sourcing'],
    patches: [
      patch(
        'lambdas/engine/delivery/given-text.ts',
        "return typeof value === 'string' && value !== '' ? value : NO_TEXT",
        "return typeof value === 'string' && value !== '' ? value : undefined",
      ),
    ],
  },
  {
    name: 'published-again-under-a-new-id',
    rule: 'delivery 1',
    does: 'What is published again after a crash has another id.',
    worlds: ['orders', 'choreography'],
    patches: [
      patch(
        'lambdas/engine/delivery/batch-outcome.ts',
        '...carried.sent.filter(isPublishedAgain).map(s => outgoing(s, stored?.committedAt ?? now)),',
        '...carried.sent.filter(isPublishedAgain).map(s => outgoing({ ...s, n: s.n + 100 }, stored?.committedAt ?? now)),',
      ),
    ],
  },
  {
    name: 'again-publishes-nothing',
    rule: 'delivery 2',
    does: 'A message that the last commit handled is acknowledged, and what it caused is not published again.',
    worlds: ['orders'],
    patches: [patch('lambdas/engine/delivery/decide-batch.ts', '  draft.again.add(id)\n', '')],
  },
  {
    name: 'approve-ignored-when-final',
    rule: 'delivery 2',
    does: 'A final order does not answer an approval.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/services/order/rules.ts',
        "{ total }: Body<typeof c.OrderApprovedCommand>,\n  context: DecisionContext,\n): Decision<Order, Reply> {\n  if (state && state.status !== 'PENDING') return { kind: 'answer', publish: [replyOf(state)] }",
        "{ total }: Body<typeof c.OrderApprovedCommand>, context: DecisionContext): Decision<Order, Reply> {\n  if (state && state.status !== 'PENDING') return { kind: 'ignore', why: 'it is final' }",
      ),
    ],
  },
  {
    name: 'reject-ignored-when-final',
    rule: 'delivery 2',
    does: 'A final order does not answer a rejection.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/services/order/rules.ts',
        "{ reason }: Body<typeof c.OrderRejectCommand>,\n  context: DecisionContext,\n): Decision<Order, Reply> {\n  if (state && state.status !== 'PENDING') return { kind: 'answer', publish: [replyOf(state)] }",
        "{ reason }: Body<typeof c.OrderRejectCommand>, context: DecisionContext): Decision<Order, Reply> {\n  if (state && state.status !== 'PENDING') return { kind: 'ignore', why: 'it is final' }",
      ),
    ],
  },
  {
    name: 'cancel-ignored-when-cancelled',
    rule: 'delivery 2',
    does: 'A reservation that is rejected or cancelled does not answer a cancel.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/services/product/rules.ts',
        "return { kind: 'answer', publish: [cancelled(state.reason)] }",
        "return { kind: 'ignore', why: 'it is' }",
      ),
    ],
  },
  {
    name: 'late-reserve-ignored',
    rule: 'delivery 2',
    does: 'A reserve that finds a reservation is not answered.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/services/product/rules.ts',
        "if (state) return { kind: 'answer', publish: repliesOf(state) }",
        "if (state) return { kind: 'ignore', why: 'there is one' }",
      ),
    ],
  },
  {
    name: 'late-reserve-of-cancelled-ignored',
    rule: 'delivery 2',
    does: 'A reserve that finds a tombstone is not answered.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/services/product/rules.ts',
        "if (state) return { kind: 'answer', publish: repliesOf(state) }",
        "if (state?.status === 'CANCELLED') return { kind: 'ignore', why: 'cancelled' }\n  if (state) return { kind: 'answer', publish: repliesOf(state) }",
      ),
    ],
  },
  {
    name: 'void-ignored-when-void',
    rule: 'delivery 2',
    does: 'A payment that was declined or voided does not answer a void.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/services/payment/rules.ts',
        "case 'VOIDED':\n      return { kind: 'answer', publish: [voided(false)] }",
        "case 'VOIDED':\n      return { kind: 'ignore', why: 'nothing is held' }",
      ),
    ],
  },
  {
    name: 'void-ignored-when-refunded',
    rule: 'delivery 2',
    does: 'A payment that was given back does not answer a void.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/services/payment/rules.ts',
        "case 'REFUNDED':\n      return { kind: 'answer', publish: [voided(true)] }",
        "case 'REFUNDED':\n      return { kind: 'ignore', why: 'nothing is held' }",
      ),
    ],
  },
  {
    name: 'charge-ignored-when-captured',
    rule: 'delivery 2',
    does: 'A payment that was captured or declined does not answer a charge.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/services/payment/rules.ts',
        "return { kind: 'answer', publish: [successful(state.paymentId)] }",
        "return { kind: 'ignore', why: 'it is' }",
      ),
    ],
  },
  {
    name: 'retry-under-a-new-id',
    rule: 'delivery 3',
    does: 'A command that is sent once more has another id.',
    worlds: ['orders', 'orchestration'],
    patches: [
      patch(
        'lambdas/engine/saga/transitions.ts',
        'const pending = state.pendingId ?? context.next',
        'const pending = context.next',
      ),
      patch('lambdas/engine/saga/transitions.ts', ', as: pending }],', ' }],'),
    ],
  },
  {
    name: 'operators-retry-under-a-new-id',
    rule: 'delivery 3',
    does: 'An operator’s retry sends the command under another id.',
    worlds: ['orders', 'late orders', 'orchestration'],
    patches: [
      patch(
        'lambdas/engine/saga/transitions.ts',
        'const pending = state.pendingId ?? context.next',
        "const pending = turn.message.type === 'SagaRetry' ? context.next : (state.pendingId ?? context.next)",
      ),
    ],
  },
  {
    name: 'stuck-is-deaf',
    rule: 'delivery 3',
    does: 'A STUCK saga does not take its step’s reply.',
    worlds: ['late orders', 'orders'],
    patches: [
      patch(
        'lambdas/engine/saga/orchestrator.ts',
        '      return onReply(turn, state)\n',
        "      return state.status === 'STUCK' ? { kind: 'ignore', why: 'the saga is STUCK' } : onReply(turn, state)\n",
      ),
    ],
  },
  {
    name: 'intent-counts-as-handled',
    rule: 'delivery 4',
    does: 'The commit before an outside call carries the message’s id.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/apply-decision.ts',
        '        // Not handled yet: that is for the commit after its last call (rule 4).\n        draft.keepsCaused = true',
        '        draft.handled.push(message.id)\n        draft.keepsCaused = true',
      ),
    ],
  },
  {
    name: 'call-does-not-end-the-fold',
    rule: 'delivery 4',
    does: 'Messages after one that makes a call are folded into the commit before it.',
    worlds: ['late orders', 'orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/apply-decision.ts',
        "        draft.call = { message, call: decision.call }\n        return 'ends'",
        "        draft.call = { message, call: decision.call }\n        return 'goes on'",
      ),
    ],
  },
  {
    name: 'refund-without-a-state',
    rule: 'delivery 4',
    does: 'A refund is made from CAPTURED, with no state of its own.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/services/payment/rules.ts',
        "const refunding: Payment = { ...state, status: 'REFUNDING' }\n      return { kind: 'commit', state: refunding, call: refund(message) }",
        "return { kind: 'call', call: refund(message) }",
      ),
    ],
  },
  {
    name: 'refunding-is-taken-for-refunded',
    rule: 'delivery 4',
    does: 'A void that finds REFUNDING does not repeat the refund.',
    worlds: ['late orders', 'orders'],
    patches: [
      patch(
        'lambdas/services/payment/rules.ts',
        "case 'REFUNDING':\n      return { kind: 'call', call: refund(message) }\n    case 'DECLINED':",
        "case 'REFUNDING':\n      return { kind: 'commit', state: { ...state, status: 'REFUNDED' }, publish: [voided(true)] }\n    case 'DECLINED':",
      ),
    ],
  },
  {
    name: 'intent-is-not-charged-again',
    rule: 'delivery 4',
    does: 'A charge that finds INTENT is acknowledged without the call.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/services/payment/rules.ts',
        "case 'INTENT':\n      return { kind: 'call', call: charge(state, message) }",
        "case 'INTENT':\n      return { kind: 'ignore', why: 'it is being charged' }",
      ),
    ],
  },
  {
    name: 'void-trusts-an-intent',
    rule: 'delivery 5',
    does: 'A void that finds INTENT does not cancel at the provider.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/services/payment/rules.ts',
        "return { kind: 'call', call: cancel(state, message) }",
        "return { kind: 'commit', state: { ...state, status: 'VOIDED' }, publish: [voided(false)] }",
      ),
    ],
  },
  {
    name: 'void-keeps-what-was-captured',
    rule: 'delivery 5',
    does: 'A cancel that is answered "captured" is not followed by a refund.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/services/payment/rules.ts',
        "        state: { ...settled, status: 'REFUNDING', paymentId: answer.paymentId },\n        call: refund(message),",
        "        state: { ...settled, status: 'REFUNDED', paymentId: answer.paymentId },\n        publish: [voided(true)],",
      ),
    ],
  },
  {
    name: 'charge-key-of-the-message',
    rule: 'delivery 5',
    does: 'The provider’s key comes from the attempt and not from the saga, so a cancel is of another charge.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/services/payment/rules.ts',
        "const charge = (intent: Payment, { sagaId }: OfSaga): Charge => ({\n  name: 'charge',\n  request: {\n    key: keyOf(sagaId),",
        "const charge = (intent: Payment, { id, sagaId }: Message<Body<typeof c.PaymentProcessCommand>>): Charge => ({\n  name: 'charge',\n  request: {\n    key: id,",
      ),
    ],
  },
  {
    name: 'command-published-first',
    rule: 'delivery 6',
    does: 'The step’s command goes out before the rows and the other messages.',
    worlds: ['orders', 'event-sourcing'],
    patches: [
      patch(
        'lambdas/engine/delivery/publish-effects.ts',
        'if (rows.size > 0) await store.writeRows([...rows.values()])\n    if (first.size > 0) await publisher.publish([...first.values()])\n    if (last.size > 0) await publisher.publish([...last.values()])',
        'if (last.size > 0) await publisher.publish([...last.values()])\n    if (rows.size > 0) await store.writeRows([...rows.values()])\n    if (first.size > 0) await publisher.publish([...first.values()])',
      ),
    ],
  },
  {
    name: 'rows-written-last',
    rule: 'delivery 6',
    does: 'Rows are written after the messages.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/publish-effects.ts',
        'if (rows.size > 0) await store.writeRows([...rows.values()])\n    if (first.size > 0) await publisher.publish([...first.values()])\n    if (last.size > 0) await publisher.publish([...last.values()])',
        'if (first.size > 0) await publisher.publish([...first.values()])\n    if (last.size > 0) await publisher.publish([...last.values()])\n    if (rows.size > 0) await store.writeRows([...rows.values()])',
      ),
    ],
  },
  {
    name: 'all-messages-at-once',
    rule: 'delivery 6',
    does: 'The step’s command goes out in one request with the other messages.',
    worlds: ['event-sourcing', 'orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/publish-effects.ts',
        'if (first.size > 0) await publisher.publish([...first.values()])\n    if (last.size > 0) await publisher.publish([...last.values()])',
        'if (first.size + last.size > 0) await publisher.publish([...first.values(), ...last.values()])',
      ),
    ],
  },
  {
    name: 'two-commands-a-commit',
    rule: 'delivery 6',
    does: 'A commit that leaves a step keeps the command that the fold had decided before.',
    worlds: ['event-sourcing', 'orders', 'late orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/apply-decision.ts',
        '    draft.published = draft.published.filter(s => !isCommand(s))\n',
        '',
      ),
    ],
  },
  {
    name: 'control-forgets-what-was-caused',
    rule: 'delivery 7',
    does: 'A commit by a deadline or an operator forgets what the one before it caused.',
    worlds: ['orders', 'late orders', 'event-sourcing'],
    patches: [
      patch('lambdas/engine/delivery/owed.ts', 'if (message.control) return true', 'if (message.control) return false'),
    ],
  },
  {
    name: 'control-keeps-but-does-not-publish',
    rule: 'delivery 7',
    does: 'A commit by control keeps what the one before it caused, and does not carry it out.',
    worlds: ['orders', 'late orders', 'event-sourcing'],
    patches: [
      patch(
        'lambdas/engine/delivery/apply-decision.ts',
        'isCommand)) draft.keepsCaused = draft.publishesCaused = true\n',
        'isCommand)) {\n    draft.keepsCaused = true\n    draft.publishesCaused ||= !message.control\n  }\n',
      ),
    ],
  },
  {
    name: 'a-stream-forgets-what-was-caused',
    rule: 'delivery 7',
    does: 'A commit by an event of the stream forgets what the one before it caused, whether that was said or not.',
    worlds: ['rare event-sourcing'],
    patches: [
      patch('lambdas/engine/delivery/owed.ts', 'return aggregate.stream?.drives !== undefined || (', 'return ('),
    ],
  },
  {
    name: 'control-keeps-the-left-steps-command',
    rule: 'delivery 7',
    does: 'A commit that leaves a step remembers the command of that step.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/batch-outcome.ts',
        'sent: (stored?.sent ?? []).filter(s => !(leavesStep && isCommand(s))),',
        'sent: stored?.sent ?? [],',
      ),
    ],
  },
  {
    name: 'wake-up-of-any-version',
    rule: 'delivery 8',
    does: 'A wake-up acts on a version that its sender has not seen.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/engine/saga/on-control.ts',
        "    if (aimedAt !== context.version)\n      return { kind: 'ignore', why: `it is for version ${String(aimedAt)}, the saga is at ${context.version}` }\n",
        '',
      ),
    ],
  },
  {
    name: 'wake-ups-without-a-version',
    rule: 'delivery 8',
    does: 'Every sweep wakes a saga under an id of its own.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/engine/saga/sweeper.ts',
        'id: wakeUpId({ saga, id, version }),',
        'id: `wake:${saga}:${id}.${now}`,',
      ),
    ],
  },
  {
    name: 'operators-are-believed-that-it-was-refused',
    rule: 'delivery 8',
    does: 'A command that an operator calls refused is not undone or settled, though it may still be carried out.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/engine/saga/on-control.ts',
        'const takesBack = isRefused && canBeTakenBack(definition, state)',
        'const takesBack = isRefused && step === undefined',
      ),
    ],
  },
  {
    name: 'operators-on-any-version',
    rule: 'delivery 8',
    does: 'An operator’s action works on a version that the operator has not seen.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch('lambdas/engine/saga/on-control.ts', '  if (aimedAt !== context.version) return note(turn, state)\n', ''),
    ],
  },
  {
    name: 'stale-operators-leave-no-trace',
    rule: 'delivery 8',
    does: 'An operator’s action that came too late is not shown.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/engine/saga/on-control.ts',
        'if (aimedAt !== context.version) return note(turn, state)',
        "if (aimedAt !== context.version) return { kind: 'ignore', why: 'it came too late' }",
      ),
    ],
  },
  {
    name: 'abort-after-the-pivot',
    rule: 'delivery 8',
    does: 'An operator may abort what is past the point of no return.',
    worlds: ['orders', 'late orders', 'orchestration'],
    patches: [
      patch(
        'lambdas/engine/saga/on-control.ts',
        "return state.doing === 'do' && (step?.kind === 'step' || (step?.kind === 'pivot' && step.settle !== undefined))",
        "return state.doing === 'do' && step !== undefined",
      ),
      patch(
        'lambdas/engine/saga/give-up.ts',
        "  if (step?.kind === 'step') return backward(turn, { ...state, reason }, i)",
        "  if (step?.kind === 'step' || step?.kind === 'retriable') return backward(turn, { ...state, reason }, i)",
      ),
    ],
  },
  {
    name: 'the-trigger-is-taken-at-its-word',
    rule: 'delivery 9',
    does: 'The orchestrator handles what triggered it, and not what is in the stream.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      patch(
        'lambdas/engine/event-store/queued-events.ts',
        'return i >= done || again ? [message] : []',
        'return (i >= done && triggers.has(message.id)) || again ? [message] : []',
      ),
      patch(
        'lambdas/engine/event-store/stream-orchestrator.ts',
        '      if (number !== done + 1)\n        throw new Error(`event ${number} of ${message.sagaId} is not the one after ${done}: the stream has a gap`)\n',
        '',
      ),
    ],
  },
  {
    name: 'wake-ups-trigger-no-stream',
    rule: 'delivery 9',
    does: 'A wake-up does not make the orchestrator look at its stream.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      patch(
        'lambdas/engine/event-store/queued-events.ts',
        'work.queue = [...waiting, ...work.queue.filter(({ message }) => message.control)]',
        'work.queue = work.queue.some(({ message }) => message.control) ? work.queue.filter(({ message }) => message.control) : waiting',
      ),
    ],
  },
  {
    name: 'a-stream-is-handled-twice',
    rule: 'delivery 9',
    does: 'The orchestrator does not keep how far its stream is handled.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      patch(
        'lambdas/engine/event-store/stream-orchestrator.ts',
        "      if (number > 0 && number <= done) return { kind: 'ignore', why: `event ${number} was handled before` }\n",
        '',
      ),
      patch('lambdas/engine/event-store/stream-orchestrator.ts', 'if (number !== done + 1)', 'if (number > done + 1)'),
    ],
  },
  {
    name: 'handled-letters-are-thrown-away',
    rule: 'delivery 10',
    does: 'A dead letter that its aggregate has handled may be thrown away.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/platform/dead-letters-api/handled.ts',
        "return ((item?.['handled'] ?? []) as readonly string[]).includes(message.id)",
        'return item === undefined && message.id === undefined',
      ),
    ],
  },
]
