/** Mistakes that no single rule names: in the shell, the fold, the store's conditions, the sweeper, the services. */
import { type Mutant, patch } from '../mutant.ts'

export const more: readonly Mutant[] = [
  {
    name: 'no-version-condition',
    rule: 'store',
    does: 'A write of an item does not ask whether it is still the one that was read.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/adapters/memory/store.ts',
        "const same = present && previous ? present['version'] === previous['version'] : present === previous",
        'const same = present === undefined || previous !== undefined',
      ),
    ],
  },
  {
    name: 'a-lost-condition-counts-as-made',
    rule: 'store',
    does: 'The shell takes a write that lost for one that was made.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/commit-wave.ts',
        "if (result.outcome === 'committed') {",
        "if (result.outcome === 'committed' || result.outcome === 'lost') {",
      ),
    ],
  },
  {
    name: 'a-lost-condition-is-decided-on-stale-state',
    rule: 'store',
    does: 'After a lost condition the old decision is written over what is there.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/commit-wave.ts',
        'work.stored = result.present ? unpackItem<State>(result.present) : work.stored',
        'work.stored = work.stored && result.present ? { ...work.stored, version: unpackItem<State>(result.present).version, item: result.present } : result.present ? unpackItem<State>(result.present) : work.stored',
      ),
    ],
  },
  {
    name: 'acknowledged-before-it-is-published',
    rule: 'shell',
    does: 'What can’t be published now is acknowledged all the same.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/process-batch.ts',
        '      for (const { work, taken } of done) {\n        for (const delivery of taken) delivery.failed ??= error\n        failWork(work, error)\n      }',
        "      log.warn('not published', { error, records: done.length })",
      ),
    ],
  },
  {
    name: 'publishing-is-not-waited-for',
    rule: 'shell',
    does: 'Records are acknowledged while their messages are still on their way.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/publish-effects.ts',
        'if (last.size > 0) await publisher.publish([...last.values()])',
        'if (last.size > 0) void publisher.publish([...last.values()]).catch(() => {})',
      ),
    ],
  },
  {
    name: 'published-before-it-is-committed',
    rule: 'shell',
    does: 'What a commit causes is published before the commit is made.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/commit-wave.ts',
        "import { decideBatch } from './decide-batch.ts'",
        "import { decideBatch } from './decide-batch.ts'\nimport { effectsPublisher } from './publish-effects.ts'",
      ),
      patch(
        'lambdas/engine/delivery/commit-wave.ts',
        'const results = wave.length === 0 ? [] : await commitAll(settings, wave)',
        'await effectsPublisher(settings as never)(wave.map(({ decision }) => decision.effects))\n  const results = wave.length === 0 ? [] : await commitAll(settings, wave)',
      ),
    ],
  },
  {
    name: 'duplicates-are-decided-on',
    rule: 'fold',
    does: 'A message that the last commit handled is decided on once more.',
    worlds: ['orders', 'choreography'],
    patches: [
      patch(
        'lambdas/engine/delivery/decide-batch.ts',
        'if (!stored?.handled.includes(id)) return draft.handled.includes(id)',
        'if (!stored?.handled.includes(id) || draft.taken > 0) return draft.handled.includes(id)',
      ),
    ],
  },
  {
    name: 'a-fold-keeps-its-last-id',
    rule: 'fold',
    does: 'Of the messages of one commit only the last is known as handled.',
    worlds: ['event-sourcing', 'orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/apply-decision.ts',
        'draft.handled.push(message.id)',
        'draft.handled = [message.id]',
      ),
    ],
  },
  {
    name: 'a-batch-publishes-its-last-decision',
    rule: 'fold',
    does: 'Of the decisions of one commit only the last publishes anything.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/apply-decision.ts',
        'draft.published.push(...(decision.publish ?? []).map(outgoing => asSent(outgoing, message, draft)))',
        'draft.published = (decision.publish ?? []).map(outgoing => asSent(outgoing, message, draft))',
      ),
    ],
  },
  {
    name: 'a-fold-starts-from-what-was-stored',
    rule: 'fold',
    does: 'Each message of a fold is decided on the stored state, not on what the one before it made of it.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/apply-decision.ts',
        '{ aggregate, now, read, answer, streamAfter }: BatchInput<State>,',
        '{ aggregate, stored, now, read, answer, streamAfter }: BatchInput<State>,',
      ),
      patch(
        'lambdas/engine/delivery/apply-decision.ts',
        ': aggregate.decide(state, message, context)',
        ': aggregate.decide(stored?.state, message, context)',
      ),
    ],
  },
  {
    name: 'a-fold-forgets-after-again',
    rule: 'fold',
    does: 'A fold that meets a handled message and then commits forgets what the older one caused.',
    worlds: ['event-sourcing', 'orders', 'late event-sourcing'],
    patches: [
      // Whether it is kept for that reason or because it may not be published yet.
      patch(
        'lambdas/engine/delivery/batch-outcome.ts',
        'if (keepsCaused && stored) {',
        'if (keepsCaused && again.size === 0 && stored) {',
      ),
    ],
  },
  {
    name: 'a-batch-forgets-its-first-commit',
    rule: 'fold',
    does: 'A second commit of one batch forgets what the first, not acknowledged yet, handled and caused.',
    worlds: ['orders'],
    redundant:
      'What the first commit caused is published before the second is decided on, so only its ids are forgotten; and a message of ours that comes again is then answered from the state. It saves the decision, and keeps its dead letter (rule 10).',
    patches: [
      patch(
        'lambdas/engine/delivery/commit-wave.ts',
        '  work.stored = commit.stored\n  work.hasUnacknowledged = true',
        '  work.stored = commit.stored',
      ),
    ],
  },
  {
    name: 'shared-items-are-not-summed',
    rule: 'fold',
    does: 'Two changes of one item in one commit become the last of them.',
    worlds: ['orders', 'orchestration'],
    patches: [
      patch(
        'lambdas/engine/delivery/alongside.ts',
        "sums.set(id, before && change.kind === 'add' ? then(before, change) : change)",
        'void before\n    sums.set(id, change)',
      ),
    ],
  },
  {
    name: 'lost-partial-failures',
    rule: 'shell',
    does: 'A batch reports none of its failures.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/consumer.ts',
        'return inOrder(records, failures)',
        'return inOrder(records, new Map())',
      ),
    ],
  },
  {
    name: 'only-the-failed-come-again',
    rule: 'shell',
    does: 'What follows a failed record of the same key is acknowledged before it.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/work.ts',
        'for (const delivery of work.queue) delivery.failed = error',
        'for (const delivery of work.queue.slice(0, 1)) delivery.failed = error',
      ),
    ],
  },
  {
    name: 'dead-letters-are-dropped',
    rule: 'shell',
    does: 'A dead letter that could not be written is acknowledged.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/delivery/publish-dead-letters.ts',
        'for (const { record } of dead) failures.set(record, error)',
        "log.warn('not written', { error, records: failures.size })",
      ),
    ],
  },
  {
    name: 'stock-apart-from-the-reservation',
    rule: 'services',
    does: 'Stock is looked at and not taken.',
    worlds: ['orders'],
    patches: [patch('lambdas/services/product/rules.ts', ', alongside: stock(items, -1) }', ' }')],
  },
  {
    name: 'stock-is-not-given-back',
    rule: 'services',
    does: 'A cancel does not give the stock back.',
    worlds: ['orders'],
    patches: [
      patch('lambdas/services/product/rules.ts', '    ...(state && { alongside: stock(state.items, 1) }),\n', ''),
    ],
  },
  {
    name: 'stock-without-a-least',
    rule: 'services',
    does: 'Stock is taken without the condition that there is enough.',
    worlds: ['orders'],
    patches: [
      patch('lambdas/services/product/rules.ts', '      ...(sign < 0 && { atLeast: { stock: quantity } }),\n', ''),
    ],
  },
  {
    name: 'a-cancel-leaves-no-tombstone',
    rule: 'services',
    does: 'A cancel that comes before its reserve is answered and not kept.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/services/product/rules.ts',
        "  return {\n    kind: 'commit',\n    state: { status: 'CANCELLED', reason },",
        "  if (!state) return { kind: 'answer', publish: [cancelled(reason)] }\n  return {\n    kind: 'commit',\n    state: { status: 'CANCELLED', reason },",
      ),
    ],
  },
  {
    name: 'a-void-leaves-no-tombstone',
    rule: 'services',
    does: 'A void that comes before its charge is answered and not kept.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/services/payment/rules.ts',
        "return { kind: 'commit', state: { status: 'VOIDED' }, publish: [voided(false)] }",
        "return { kind: 'answer', publish: [voided(false)] }",
      ),
    ],
  },
  {
    name: 'charged-before-the-intent',
    rule: 'services',
    does: 'The provider is called before the intention is committed.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/services/payment/rules.ts',
        "return { kind: 'commit', state: intent, call: charge(intent, message) }",
        "return { kind: 'call', call: charge(intent, message) }",
      ),
      patch(
        'lambdas/services/payment/rules.ts',
        'charge: charged,',
        "charge: (state, answer, message) => (state.status === 'VOIDED' ? process(state, message) : charged(state, answer)),",
      ),
      patch(
        'lambdas/engine/delivery/apply-decision.ts',
        'answered && aggregate.answered && state !== undefined\n    ? aggregate.answered(state, message,',
        "answered && aggregate.answered\n    ? aggregate.answered(state ?? ({ status: 'INTENT', amount: message.body['amount'], currency: message.body['currency'] } as unknown as State), message,",
      ),
    ],
  },
  {
    name: 'a-refund-is-not-made',
    rule: 'services',
    does: 'A void of what was captured gives nothing back.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/services/payment/rules.ts',
        "return { kind: 'commit', state: refunding, call: refund(message) }",
        "return { kind: 'commit', state: { ...refunding, status: 'REFUNDED' }, publish: [voided(true)] }",
      ),
    ],
  },
  {
    name: 'an-unknown-charge-is-declined',
    rule: 'services',
    does: 'A provider that does not answer has declined the card.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/services/payment/rules.ts',
        "return { kind: 'ignore', why: 'the provider did not answer: the deadline of the step settles it' }",
        "return { kind: 'commit', state: { ...settled, status: 'DECLINED' }, publish: [failed('CARD_DECLINED')] }",
      ),
    ],
  },
  {
    name: 'a-rejected-order-is-approved',
    rule: 'services',
    does: 'An order’s end is not final.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/services/order/rules.ts',
        "{ reason }: Body<typeof c.OrderRejectCommand>,\n  context: DecisionContext,\n): Decision<Order, Reply> {\n  if (state && state.status !== 'PENDING') return { kind: 'answer', publish: [replyOf(state)] }",
        '{ reason }: Body<typeof c.OrderRejectCommand>, context: DecisionContext): Decision<Order, Reply> {',
      ),
    ],
  },
  {
    name: 'a-saga-begins-twice',
    rule: 'saga',
    does: 'An event that begins a saga begins it anew.',
    worlds: ['orders'],
    patches: [
      patch(
        'lambdas/engine/saga/orchestrator.ts',
        "return state ? { kind: 'ignore', why: 'the saga has begun already' } : begin(turn)",
        "return state?.status === 'COMPLETED' ? { kind: 'ignore', why: 'the saga has begun already' } : begin(turn)",
      ),
    ],
  },
  {
    name: 'an-ended-saga-goes-on',
    rule: 'saga',
    does: 'A saga that has ended takes replies.',
    worlds: ['orders', 'late orders', 'orchestration'],
    patches: [
      patch(
        'lambdas/engine/saga/on-reply.ts',
        '  if (isClosed(state)) return ignored(turn, state, `the saga is ${state.status}`)\n',
        '',
      ),
    ],
  },
  {
    name: 'attempts-without-end',
    rule: 'saga',
    does: 'A step is asked for ever.',
    worlds: ['orders', 'late orders', 'orchestration'],
    patches: [
      patch(
        'lambdas/engine/saga/on-control.ts',
        'if (state.attempt < pendingCommand(definition, state).attemptsMax)',
        'if (state.attempt < pendingCommand(definition, state).attemptsMax * 1000)',
      ),
    ],
  },
  {
    name: 'the-deadline-is-ignored',
    rule: 'saga',
    does: 'A saga as a whole is never late.',
    worlds: ['late orders', 'orders', 'orchestration'],
    patches: [
      patch(
        'lambdas/engine/saga/on-control.ts',
        "  if (state.doing === 'do' && now >= state.deadlineAt) return giveUp(turn, state, TIMED_OUT)\n",
        '',
      ),
    ],
  },
  {
    name: 'stuck-is-silently-ended',
    rule: 'saga',
    does: 'A saga that cannot go on is ended instead of STUCK.',
    worlds: ['late orders', 'orders'],
    patches: [
      patch(
        'lambdas/engine/saga/transitions.ts',
        "return committed(turn, { ...rest, status: 'STUCK', wakeAt: turn.context.now }, [], [], false)",
        "return ended(turn, rest, 'ABORTED')",
      ),
    ],
  },
  {
    name: 'undone-in-the-order-of-the-steps',
    rule: 'saga',
    does: 'Compensation begins with the first step.',
    worlds: ['orchestration', 'event-sourcing'],
    patches: [
      patch(
        'lambdas/engine/saga/transitions.ts',
        'definition.steps.slice(0, from + 1).toReversed()',
        'definition.steps.slice(0, from + 1)',
      ),
    ],
  },
  {
    name: 'a-refused-step-is-not-waited-for',
    rule: 'saga',
    does: 'A step that the service undoes unasked is not waited for.',
    worlds: ['orders'],
    redundant:
      'Our product service has taken nothing when it refuses, so there is nothing to wait for. The wait is for services of others that undo after they have refused; unit tests of the saga hold it.',
    patches: [
      patch(
        'lambdas/engine/saga/on-reply.ts',
        '    if (step.undo?.onItsOwnAfter.includes(type)) return waitForUndo(turn, refused, step, step.undo)\n',
        '',
      ),
    ],
  },
  {
    name: 'a-pivot-is-not-settled',
    rule: 'saga',
    does: 'A payment whose outcome is unknown is not voided.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/engine/saga/give-up.ts',
        "if (step?.kind === 'pivot' && step.settle)\n    return sendCommand(turn, { ...state, reason }, 'settle', step, step.settle, [], [])",
        "if (step?.kind === 'pivot' && step.settle) return backward(turn, { ...state, reason }, i - 1)",
      ),
    ],
  },
  {
    name: 'an-early-cancellation-is-lost',
    rule: 'saga',
    does: 'A cancellation that overtakes its refusal is ignored.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/engine/saga/on-reply.ts',
        'if (step.undo && types(step.undo.command.done).includes(type))',
        'if (step.undo && types(step.undo.command.refused).includes(type))',
      ),
    ],
  },
  {
    name: 'the-index-moves-late',
    rule: 'saga',
    does: 'A saga keeps its place in the sweeper’s index though it is due earlier.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/engine/saga/transitions.ts',
        'return next.status === before.status && before.wakeAt <= due ? next',
        'return next.status === before.status && before.wakeAt >= due ? { ...next, wakeAt: due * 2 }',
      ),
    ],
  },
  {
    name: 'compensating-sagas-are-not-swept',
    rule: 'sweeper',
    does: 'The sweeper looks for running sagas alone.',
    worlds: ['orders', 'late orders'],
    patches: [
      patch(
        'lambdas/engine/saga/sweeper.ts',
        "const AWAKE = ['RUNNING', 'COMPENSATING'] as const",
        "const AWAKE = ['RUNNING'] as const",
      ),
    ],
  },
  {
    name: 'the-relay-skips',
    rule: 'relay',
    does: 'Of several changes the relay publishes the first.',
    worlds: ['orders'],
    patches: [patch('lambdas/engine/delivery/relay.ts', 'items.map(item => {', 'items.slice(0, 1).map(item => {')],
  },
  {
    name: 'a-redrive-loses-the-id',
    rule: 'dead letters',
    does: 'A record that comes back has no id but its new place.',
    worlds: ['orders', 'choreography'],
    patches: [
      patch(
        'lambdas/platform/dead-letters/redriver.ts',
        'keptHeaders: headers,\n    headers: {\n      ...(!summaryOfRecord(record, []).hasId && { ce_id: positionId(record) }),',
        "keptHeaders: headers.filter(({ name }) => name !== 'ce_id'),\n    headers: {",
      ),
    ],
  },
]
