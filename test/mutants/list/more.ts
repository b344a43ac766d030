/** Mistakes that no single rule names: in the shell, the fold, the store's conditions, the sweeper, the services. */
import { insertBefore, type Mutant, remove, replace } from '../mutant.ts'

export const more: readonly Mutant[] = [
  {
    name: 'no-version-condition',
    rule: 'store',
    does: 'A write of an item does not ask whether it is still the one that was read.',
    worlds: ['orders'],
    patches: [
      replace(
        'commitOne',
        "$PRESENT && $PREVIOUS ? $PRESENT['version'] === $PREVIOUS['version'] : $PRESENT === $PREVIOUS",
        '$PRESENT === undefined || $PREVIOUS !== undefined',
      ),
    ],
  },
  {
    name: 'a-lost-condition-counts-as-made',
    rule: 'store',
    does: 'The shell takes a write that lost for one that was made.',
    worlds: ['orders'],
    patches: [
      replace(
        'commitWave',
        "$RESULT.outcome === 'committed'",
        "$RESULT.outcome === 'committed' || $RESULT.outcome === 'lost'",
      ),
    ],
  },
  {
    name: 'a-lost-condition-is-decided-on-stale-state',
    rule: 'store',
    does: 'After a lost condition the old decision is written over what is there.',
    worlds: ['orders'],
    patches: [
      replace(
        'hasWorkLeft',
        '$RESULT.present ? unpackItem<State>($RESULT.present) : $WORK.stored',
        '$WORK.stored && $RESULT.present ? { ...$WORK.stored, version: unpackItem<State>($RESULT.present).version, item: $RESULT.present } : $RESULT.present ? unpackItem<State>($RESULT.present) : $WORK.stored',
      ),
    ],
  },
  {
    name: 'acknowledged-before-it-is-published',
    rule: 'shell',
    does: 'What can’t be published now is acknowledged all the same.',
    worlds: ['orders'],
    patches: [
      replace(
        'carryOut',
        'for (const { work: $WORK, taken: $TAKEN } of $DONE) { $$$FAILED; failWork($WORK, $ERROR) }',
        "log.warn('not published', { error: $ERROR, records: $DONE.length })",
      ),
    ],
  },
  {
    name: 'publishing-is-not-waited-for',
    rule: 'shell',
    does: 'Records are acknowledged while their messages are still on their way.',
    worlds: ['orders'],
    patches: [
      replace(
        'effectsPublisher',
        'await $PUBLISHER.publish([...last.values()])',
        'void $PUBLISHER.publish([...last.values()]).catch(() => {})',
      ),
    ],
  },
  {
    name: 'published-before-it-is-committed',
    rule: 'shell',
    does: 'What a commit causes is published before the commit is made.',
    worlds: ['orders'],
    patches: [
      insertBefore(
        'commitWave',
        'const $RESULTS = $WAVE.length === 0 ? [] : await commitAll($SETTINGS, $WAVE)',
        'await effectsPublisher($SETTINGS)($WAVE.map(({ decision }) => decision.effects))',
        'effectsPublisher',
      ),
    ],
  },
  {
    name: 'duplicates-are-decided-on',
    rule: 'fold',
    does: 'A message that the last commit handled is decided on once more.',
    worlds: ['orders', 'choreography'],
    patches: [
      replace('isDuplicate', '!$STORED?.handled.includes($ID)', '!$STORED?.handled.includes($ID) || draft.taken > 0'),
    ],
  },
  {
    name: 'a-fold-keeps-its-last-id',
    rule: 'fold',
    does: 'Of the messages of one commit only the last is known as handled.',
    worlds: ['event-sourcing', 'orders'],
    patches: [replace('decideMessage', '$DRAFT.handled.push($MESSAGE.id)', '$DRAFT.handled = [$MESSAGE.id]')],
  },
  {
    name: 'a-batch-publishes-its-last-decision',
    rule: 'fold',
    does: 'Of the decisions of one commit only the last publishes anything.',
    worlds: ['orders'],
    patches: [replace('applyCommit', '$DRAFT.published.push(...$SENT)', '$DRAFT.published = $SENT')],
  },
  {
    name: 'a-fold-starts-from-what-was-stored',
    rule: 'fold',
    does: 'Each message of a fold is decided on the stored state, not on what the one before it made of it.',
    worlds: ['orders'],
    patches: [
      replace('decide', 'aggregate: $AGGREGATE', 'aggregate: $AGGREGATE, stored'),
      replace('decide', '$AGGREGATE.decide($STATE, $$$REST)', '$AGGREGATE.decide(stored?.state, $$$REST)'),
    ],
  },
  {
    name: 'a-fold-forgets-after-again',
    rule: 'fold',
    does: 'A fold that meets a handled message and then commits forgets what the older one caused.',
    worlds: ['event-sourcing', 'orders', 'late event-sourcing'],
    patches: [replace('commitOf', '$KEEPS_CAUSED && $STORED', '$KEEPS_CAUSED && again.size === 0 && $STORED')],
  },
  {
    name: 'a-batch-forgets-its-first-commit',
    rule: 'fold',
    does: 'A second commit of one batch forgets what the first, not acknowledged yet, handled and caused.',
    worlds: ['orders'],
    redundant:
      'What the first commit caused is published before the second is decided on, so only its ids are forgotten; and a message of ours that comes again is then answered from the state. It saves the decision, and keeps its dead letter (rule 10).',
    patches: [remove('keepCommitted', '$WORK.hasUnacknowledged = true')],
  },
  {
    name: 'shared-items-are-not-summed',
    rule: 'fold',
    does: 'Two changes of one item in one commit become the last of them.',
    worlds: ['orders', 'orchestration'],
    patches: [
      replace(
        'sumAlongside',
        '$SUMS.set($ID, $BEFORE && $IS_SUM ? $SUM : $CHANGE)',
        'void $BEFORE; $SUMS.set($ID, $CHANGE)',
      ),
    ],
  },
  {
    name: 'lost-partial-failures',
    rule: 'shell',
    does: 'A batch reports none of its failures.',
    worlds: ['orders'],
    patches: [replace('handleOnce', 'inOrder($RECORDS, $FAILURES)', 'inOrder($RECORDS, new Map())')],
  },
  {
    name: 'only-the-failed-come-again',
    rule: 'shell',
    does: 'What follows a failed record of the same key is acknowledged before it.',
    worlds: ['orders'],
    patches: [
      replace(
        'failWork',
        'for (const $DELIVERY of $WORK.queue) $DELIVERY.failed = $ERROR',
        'for (const $DELIVERY of $WORK.queue.slice(0, 1)) $DELIVERY.failed = $ERROR',
      ),
    ],
  },
  {
    name: 'dead-letters-are-dropped',
    rule: 'shell',
    does: 'A dead letter that could not be written is acknowledged.',
    worlds: ['orders'],
    patches: [
      replace(
        'publishDeadLetters',
        'for (const { record: $RECORD } of $DEAD) $FAILURES.set($RECORD, $ERROR)',
        "log.warn('not written', { error: $ERROR, records: $FAILURES.size })",
      ),
    ],
  },
  {
    name: 'stock-apart-from-the-reservation',
    rule: 'services',
    does: 'Stock is looked at and not taken.',
    worlds: ['orders'],
    patches: [remove('reserve', 'alongside: stock($ITEMS, -1)')],
  },
  {
    name: 'stock-is-not-given-back',
    rule: 'services',
    does: 'A cancel does not give the stock back.',
    worlds: ['orders'],
    patches: [remove('cancel', '...($STATE && { alongside: stock($STATE.items, 1) })')],
  },
  {
    name: 'stock-without-a-least',
    rule: 'services',
    does: 'Stock is taken without the condition that there is enough.',
    worlds: ['orders'],
    patches: [remove('stock', '...($SIGN < 0 && { atLeast: { stock: $QUANTITY } })')],
  },
  {
    name: 'a-cancel-leaves-no-tombstone',
    rule: 'services',
    does: 'A cancel that comes before its reserve is answered and not kept.',
    worlds: ['orders', 'late orders'],
    patches: [
      insertBefore(
        'cancel',
        "return { kind: 'commit', $$$BEFORE, publish: [cancelled($REASON)], $$$AFTER }",
        "if (!state) return { kind: 'answer', publish: [cancelled($REASON)] }",
      ),
    ],
  },
  {
    name: 'a-void-leaves-no-tombstone',
    rule: 'services',
    does: 'A void that comes before its charge is answered and not kept.',
    worlds: ['orders', 'late orders'],
    patches: [replace('giveBack', "kind: 'commit', state: { status: 'VOIDED' }", "kind: 'answer'")],
  },
  {
    name: 'charged-before-the-intent',
    rule: 'services',
    does: 'The provider is called before the intention is committed.',
    worlds: ['orders'],
    patches: [
      replace('process', "{ kind: 'commit', state: $INTENT, call: $CALL }", "{ kind: 'call', call: $CALL }"),
      replace(
        'payment',
        'charge: charged',
        "charge: (state, answer, message) => (state.status === 'VOIDED' ? process(state, message) : charged(state, answer))",
      ),
      replace('decide', '$ANSWERED && $AGGREGATE.answered && $STATE !== undefined', '$ANSWERED && $AGGREGATE.answered'),
      replace(
        'decide',
        '$AGGREGATE.answered($STATE, $MESSAGE, $$$REST)',
        "$AGGREGATE.answered($STATE ?? { status: 'INTENT', amount: $MESSAGE.body['amount'], currency: $MESSAGE.body['currency'] }, $MESSAGE, $$$REST)",
      ),
    ],
  },
  {
    name: 'a-refund-is-not-made',
    rule: 'services',
    does: 'A void of what was captured gives nothing back.',
    worlds: ['orders'],
    patches: [
      replace(
        'giveBack',
        'state: $REFUNDING, call: refund($MESSAGE)',
        "state: { ...$REFUNDING, status: 'REFUNDED' }, publish: [voided(true)]",
      ),
    ],
  },
  {
    name: 'an-unknown-charge-is-declined',
    rule: 'services',
    does: 'A provider that does not answer has declined the card.',
    worlds: ['orders'],
    patches: [
      replace(
        'charged',
        "kind: 'ignore', why: 'the provider did not answer: the deadline of the step settles it'",
        "kind: 'commit', state: { ...settled, status: 'DECLINED' }, publish: [failed('CARD_DECLINED')]",
      ),
    ],
  },
  {
    name: 'a-rejected-order-is-approved',
    rule: 'services',
    does: 'An order’s end is not final.',
    worlds: ['orders', 'late orders'],
    patches: [
      remove(
        'reject',
        "if ($STATE && $STATE.status !== 'PENDING') return { kind: 'answer', publish: [replyOf($STATE)] }",
      ),
    ],
  },
  {
    name: 'a-saga-begins-twice',
    rule: 'saga',
    does: 'An event that begins a saga begins it anew.',
    worlds: ['orders'],
    patches: [
      replace(
        'orchestrator.decide',
        "$STATE ? { kind: 'ignore', why: 'the saga has begun already' } : begin($TURN)",
        "$STATE?.status === 'COMPLETED' ? { kind: 'ignore', why: 'the saga has begun already' } : begin($TURN)",
      ),
    ],
  },
  {
    name: 'an-ended-saga-goes-on',
    rule: 'saga',
    does: 'A saga that has ended takes replies.',
    worlds: ['orders', 'late orders', 'orchestration'],
    patches: [remove('onReply', 'if (isClosed($STATE)) return ignored($$$)')],
  },
  {
    name: 'attempts-without-end',
    rule: 'saga',
    does: 'A step is asked for ever.',
    worlds: ['orders', 'late orders', 'orchestration'],
    patches: [
      replace(
        'onWakeUp',
        'pendingCommand($DEFINITION, $STATE).attemptsMax',
        'pendingCommand($DEFINITION, $STATE).attemptsMax * 1000',
      ),
    ],
  },
  {
    name: 'the-deadline-is-ignored',
    rule: 'saga',
    does: 'A saga as a whole is never late.',
    worlds: ['late orders', 'orders', 'orchestration'],
    patches: [remove('onWakeUp', "if ($STATE.doing === 'do' && $NOW >= $STATE.deadlineAt) return giveUp($$$)")],
  },
  {
    name: 'stuck-is-silently-ended',
    rule: 'saga',
    does: 'A saga that cannot go on is ended instead of STUCK.',
    worlds: ['late orders', 'orders'],
    patches: [
      replace(
        'stuck',
        "committed($TURN, { ...$REST, status: 'STUCK', wakeAt: $TURN.context.now }, [], [], false)",
        "ended($TURN, $REST, 'ABORTED')",
      ),
    ],
  },
  {
    name: 'undone-in-the-order-of-the-steps',
    rule: 'saga',
    does: 'Compensation begins with the first step.',
    worlds: ['orchestration', 'event-sourcing'],
    patches: [
      replace(
        'backward',
        '$DEFINITION.steps.slice(0, $FROM + 1).toReversed()',
        '$DEFINITION.steps.slice(0, $FROM + 1)',
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
    patches: [remove('onReply', 'if ($STEP.undo?.onItsOwnAfter.includes($TYPE)) return waitForUndo($$$)')],
  },
  {
    name: 'a-pivot-is-not-settled',
    rule: 'saga',
    does: 'A payment whose outcome is unknown is not voided.',
    worlds: ['orders', 'late orders'],
    patches: [replace('giveUp', "sendCommand($TURN, $STATE, 'settle', $$$)", 'backward($TURN, $STATE, i - 1)')],
  },
  {
    name: 'an-early-cancellation-is-lost',
    rule: 'saga',
    does: 'A cancellation that overtakes its refusal is ignored.',
    worlds: ['orders', 'late orders'],
    patches: [replace('onReply', '$STEP.undo.command.done', '$STEP.undo.command.refused')],
  },
  {
    name: 'the-index-moves-late',
    rule: 'saga',
    does: 'A saga keeps its place in the sweeper’s index though it is due earlier.',
    worlds: ['orders', 'late orders'],
    patches: [
      replace(
        'withWakeUp',
        '$NEXT.status === $BEFORE.status && $BEFORE.wakeAt <= $DUE ? $NEXT : $MOVED',
        '$NEXT.status === $BEFORE.status && $BEFORE.wakeAt >= $DUE ? { ...$NEXT, wakeAt: $DUE * 2 } : $MOVED',
      ),
    ],
  },
  {
    name: 'compensating-sagas-are-not-swept',
    rule: 'sweeper',
    does: 'The sweeper looks for running sagas alone.',
    worlds: ['orders', 'late orders'],
    patches: [remove('AWAKE', "'COMPENSATING'")],
  },
  {
    name: 'the-relay-skips',
    rule: 'relay',
    does: 'Of several changes the relay publishes the first.',
    worlds: ['orders'],
    patches: [replace('relay', 'items.map($TO_RECORD)', 'items.slice(0, 1).map($TO_RECORD)')],
  },
  {
    name: 'a-redrive-loses-the-id',
    rule: 'dead letters',
    does: 'A record that comes back has no id but its new place.',
    worlds: ['orders', 'choreography'],
    patches: [
      replace('asItWas', '$SUMMARY.hasId ? {} : { ce_id: $ID }', '{}'),
      replace('asItWas', 'keptHeaders: $HEADERS', "keptHeaders: $HEADERS.filter(({ name }) => name !== 'ce_id')"),
    ],
  },
]
