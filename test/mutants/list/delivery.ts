/** The ten delivery rules, each broken in the ways that somebody might. */
import { insertBefore, insertFirst, type Mutant, remove, replace } from '../mutant.ts'

export const delivery: readonly Mutant[] = [
  {
    name: 'ids-without-the-type',
    rule: 'delivery 1',
    does: 'An order, its reservation and its saga publish messages under the same ids.',
    worlds: ['orders'],
    patches: [replace('messageIdOf', '`${$AGGREGATE.type}:${$KEY}.${$VERSION}.${$N}`', '`${$KEY}.${$VERSION}.${$N}`')],
  },
  {
    name: 'numbers-without-the-dropped',
    rule: 'delivery 1',
    does: 'Messages that a fold dropped are not counted.',
    worlds: ['event-sourcing', 'orders', 'late orders'],
    patches: [
      replace(
        'applyCommit',
        '$DRAFT.published = $DRAFT.published.filter($KEPT)',
        '$DRAFT.published = $DRAFT.published.filter($KEPT); $DRAFT.n = $DRAFT.published.length',
      ),
    ],
  },
  {
    name: 'ids-by-offset',
    rule: 'delivery 1',
    does: 'A message is known by its place in the topic, so one that comes back is another.',
    worlds: ['orders', 'orchestration', 'choreography'],
    patches: [remove('parseRecord', 'textOf(idGiven)')],
  },
  {
    name: 'a-number-is-everybodys',
    rule: 'delivery 1',
    does: 'A duplicate is known by its id alone: the first command of one service is the first one of another.',
    worlds: ['orchestration', 'choreography', 'event-sourcing'],
    patches: [replace('identityOf', '$SOURCE?.startsWith(OWN_SOURCE)', '$SOURCE !== undefined')],
  },
  {
    name: 'a-redriven-record-is-nobodys',
    rule: 'delivery 1',
    does: 'A record that comes back has no source any more, so it is another message.',
    worlds: ['orchestration', 'choreography', 'event-sourcing'],
    patches: [
      replace('asItWas', 'keptHeaders: $HEADERS', "keptHeaders: $HEADERS.filter(({ name }) => name !== 'ce_source')"),
    ],
  },
  {
    name: 'an-id-that-is-no-text-is-passed-over',
    rule: 'delivery 1',
    does: 'Where an id is a number, another is looked for: two orders become one under their record key.',
    worlds: ['orders', 'orchestration', 'choreography', 'event-sourcing'],
    patches: [
      replace(
        'givenText',
        "typeof $VALUE === 'string' && $VALUE !== '' ? $VALUE : NO_TEXT",
        "typeof $VALUE === 'string' && $VALUE !== '' ? $VALUE : undefined",
      ),
    ],
  },
  {
    name: 'published-again-under-a-new-id',
    rule: 'delivery 1',
    does: 'What is published again after a crash has another id.',
    worlds: ['orders', 'choreography'],
    patches: [
      replace(
        'effectsOf',
        'outgoing($S, $STORED?.committedAt ?? $NOW)',
        'outgoing({ ...$S, n: $S.n + 100 }, $STORED?.committedAt ?? $NOW)',
      ),
    ],
  },
  {
    name: 'again-publishes-nothing',
    rule: 'delivery 2',
    does: 'A message that the last commit handled is acknowledged, and what it caused is not published again.',
    worlds: ['orders'],
    patches: [remove('isDuplicate', '$DRAFT.again.add($ID)')],
  },
  {
    name: 'approve-ignored-when-final',
    rule: 'delivery 2',
    does: 'A final order does not answer an approval.',
    worlds: ['orders', 'late orders'],
    patches: [replace('approve', "kind: 'answer', publish: [replyOf($STATE)]", "kind: 'ignore', why: 'it is final'")],
  },
  {
    name: 'reject-ignored-when-final',
    rule: 'delivery 2',
    does: 'A final order does not answer a rejection.',
    worlds: ['orders', 'late orders'],
    patches: [replace('reject', "kind: 'answer', publish: [replyOf($STATE)]", "kind: 'ignore', why: 'it is final'")],
  },
  {
    name: 'cancel-ignored-when-cancelled',
    rule: 'delivery 2',
    does: 'A reservation that is rejected or cancelled does not answer a cancel.',
    worlds: ['orders', 'late orders'],
    patches: [replace('cancel', "kind: 'answer', publish: [cancelled($STATE.reason)]", "kind: 'ignore', why: 'it is'")],
  },
  {
    name: 'late-reserve-ignored',
    rule: 'delivery 2',
    does: 'A reserve that finds a reservation is not answered.',
    worlds: ['orders', 'late orders'],
    patches: [replace('reserve', "kind: 'answer', publish: repliesOf($STATE)", "kind: 'ignore', why: 'there is one'")],
  },
  {
    name: 'late-reserve-of-cancelled-ignored',
    rule: 'delivery 2',
    does: 'A reserve that finds a tombstone is not answered.',
    worlds: ['orders', 'late orders'],
    patches: [insertFirst('reserve', "if (state?.status === 'CANCELLED') return { kind: 'ignore', why: 'cancelled' }")],
  },
  {
    name: 'void-ignored-when-void',
    rule: 'delivery 2',
    does: 'A payment that was declined or voided does not answer a void.',
    worlds: ['orders', 'late orders'],
    patches: [
      replace('giveBack', "kind: 'answer', publish: [voided(false)]", "kind: 'ignore', why: 'nothing is held'"),
    ],
  },
  {
    name: 'void-ignored-when-refunded',
    rule: 'delivery 2',
    does: 'A payment that was given back does not answer a void.',
    worlds: ['orders', 'late orders'],
    patches: [replace('giveBack', "kind: 'answer', publish: [voided(true)]", "kind: 'ignore', why: 'nothing is held'")],
  },
  {
    name: 'charge-ignored-when-captured',
    rule: 'delivery 2',
    does: 'A payment that was captured or declined does not answer a charge.',
    worlds: ['orders', 'late orders'],
    patches: [
      replace('process', "kind: 'answer', publish: [successful($STATE.paymentId)]", "kind: 'ignore', why: 'it is'"),
    ],
  },
  {
    name: 'retry-under-a-new-id',
    rule: 'delivery 3',
    does: 'A command that is sent once more has another id.',
    worlds: ['orders', 'orchestration'],
    patches: [remove('retryCommand', '$STATE.pendingId'), remove('retryCommand', 'as: $PENDING')],
  },
  {
    name: 'operators-retry-under-a-new-id',
    rule: 'delivery 3',
    does: 'An operator’s retry sends the command under another id.',
    worlds: ['orders', 'late orders', 'orchestration'],
    patches: [
      replace(
        'retryCommand',
        '$STATE.pendingId ?? $CONTEXT.next',
        "turn.message.type === 'SagaRetry' ? $CONTEXT.next : ($STATE.pendingId ?? $CONTEXT.next)",
      ),
    ],
  },
  {
    name: 'stuck-is-deaf',
    rule: 'delivery 3',
    does: 'A STUCK saga does not take its step’s reply.',
    worlds: ['late orders', 'orders'],
    patches: [
      replace(
        'orchestrator.decide',
        'onReply($TURN, $STATE)',
        "$STATE.status === 'STUCK' ? { kind: 'ignore', why: 'the saga is STUCK' } : onReply($TURN, $STATE)",
      ),
    ],
  },
  {
    name: 'intent-counts-as-handled',
    rule: 'delivery 4',
    does: 'The commit before an outside call carries the message’s id.',
    worlds: ['orders'],
    patches: [insertBefore('decideMessage', '$DRAFT.keepsCaused = true', '$DRAFT.handled.push(message.id)')],
  },
  {
    name: 'call-does-not-end-the-fold',
    rule: 'delivery 4',
    does: 'Messages after one that makes a call are folded into the commit before it.',
    worlds: ['late orders', 'orders'],
    patches: [
      replace(
        'decideMessage',
        "$DRAFT.keepsCaused = true; $$$CALL; return 'ends'",
        "$DRAFT.keepsCaused = true; $$$CALL; return 'goes on'",
      ),
    ],
  },
  {
    name: 'refund-without-a-state',
    rule: 'delivery 4',
    does: 'A refund is made from CAPTURED, with no state of its own.',
    worlds: ['orders'],
    patches: [
      replace(
        'giveBack',
        "const $REFUNDING = { ...$STATE, status: 'REFUNDING' }; return { kind: 'commit', state: $REFUNDING, call: $CALL }",
        "return { kind: 'call', call: $CALL }",
      ),
    ],
  },
  {
    name: 'refunding-is-taken-for-refunded',
    rule: 'delivery 4',
    does: 'A void that finds REFUNDING does not repeat the refund.',
    worlds: ['late orders', 'orders'],
    patches: [
      replace(
        'giveBack',
        "kind: 'call', call: refund($MESSAGE)",
        "kind: 'commit', state: { ...state, status: 'REFUNDED' }, publish: [voided(true)]",
      ),
    ],
  },
  {
    name: 'intent-is-not-charged-again',
    rule: 'delivery 4',
    does: 'A charge that finds INTENT is acknowledged without the call.',
    worlds: ['orders'],
    patches: [
      replace('process', "kind: 'call', call: charge($STATE, $MESSAGE)", "kind: 'ignore', why: 'it is being charged'"),
    ],
  },
  {
    name: 'void-trusts-an-intent',
    rule: 'delivery 5',
    does: 'A void that finds INTENT does not cancel at the provider.',
    worlds: ['orders'],
    patches: [
      replace(
        'giveBack',
        "kind: 'call', call: cancel($STATE, $MESSAGE)",
        "kind: 'commit', state: { ...$STATE, status: 'VOIDED' }, publish: [voided(false)]",
      ),
    ],
  },
  {
    name: 'void-keeps-what-was-captured',
    rule: 'delivery 5',
    does: 'A cancel that is answered "captured" is not followed by a refund.',
    worlds: ['orders'],
    patches: [
      replace(
        'cancelled',
        "state: { ...$SETTLED, status: 'REFUNDING', paymentId: $ANSWER.paymentId }, call: refund($MESSAGE)",
        "state: { ...$SETTLED, status: 'REFUNDED', paymentId: $ANSWER.paymentId }, publish: [voided(true)]",
      ),
    ],
  },
  {
    name: 'charge-key-of-the-message',
    rule: 'delivery 5',
    does: 'The provider’s key comes from the attempt and not from the saga, so a cancel is of another charge.',
    worlds: ['orders'],
    patches: [
      replace('charge', 'sagaId: $SAGA_ID', 'id, sagaId: $SAGA_ID'),
      replace('charge', 'key: keyOf($SAGA_ID)', 'key: id'),
    ],
  },
  {
    name: 'command-published-first',
    rule: 'delivery 6',
    does: 'The step’s command goes out before the rows and the other messages.',
    worlds: ['orders', 'event-sourcing'],
    patches: [
      replace(
        'effectsPublisher',
        'if ($A) await $STORE.writeRows($ROWS); if ($B) $PUBLISH_FIRST; if ($C) $PUBLISH_LAST',
        'if ($C) $PUBLISH_LAST; if ($A) await $STORE.writeRows($ROWS); if ($B) $PUBLISH_FIRST',
      ),
    ],
  },
  {
    name: 'rows-written-last',
    rule: 'delivery 6',
    does: 'Rows are written after the messages.',
    worlds: ['orders'],
    patches: [
      replace(
        'effectsPublisher',
        'if ($A) await $STORE.writeRows($ROWS); if ($B) $PUBLISH_FIRST; if ($C) $PUBLISH_LAST',
        'if ($B) $PUBLISH_FIRST; if ($C) $PUBLISH_LAST; if ($A) await $STORE.writeRows($ROWS)',
      ),
    ],
  },
  {
    name: 'all-messages-at-once',
    rule: 'delivery 6',
    does: 'The step’s command goes out in one request with the other messages.',
    worlds: ['event-sourcing', 'orders'],
    patches: [
      replace(
        'effectsPublisher',
        'if ($FIRST.size > 0) await $PUBLISHER.publish([...$FIRST.values()]); if ($LAST.size > 0) await $PUBLISHER.publish([...$LAST.values()])',
        'if ($FIRST.size + $LAST.size > 0) await $PUBLISHER.publish([...$FIRST.values(), ...$LAST.values()])',
      ),
    ],
  },
  {
    name: 'two-commands-a-commit',
    rule: 'delivery 6',
    does: 'A commit that leaves a step keeps the command that the fold had decided before.',
    worlds: ['event-sourcing', 'orders', 'late orders'],
    patches: [remove('applyCommit', '$DRAFT.published = $DRAFT.published.filter($S => !$IS_COMMAND($S))')],
  },
  {
    name: 'control-forgets-what-was-caused',
    rule: 'delivery 7',
    does: 'A commit by a deadline or an operator forgets what the one before it caused.',
    worlds: ['orders', 'late orders', 'event-sourcing'],
    patches: [replace('mayBeOwed', 'if ($MESSAGE.control) return true', 'if ($MESSAGE.control) return false')],
  },
  {
    name: 'control-keeps-but-does-not-publish',
    rule: 'delivery 7',
    does: 'A commit by control keeps what the one before it caused, and does not carry it out.',
    worlds: ['orders', 'late orders', 'event-sourcing'],
    rarity: 4,
    patches: [
      replace(
        'applyCommit',
        '$DRAFT.keepsCaused = $DRAFT.publishesCaused = true',
        '$DRAFT.keepsCaused = true; $DRAFT.publishesCaused ||= !message.control',
      ),
    ],
  },
  {
    name: 'a-stream-forgets-what-was-caused',
    rule: 'delivery 7',
    does: 'A commit by an event of the stream forgets what the one before it caused, whether that was said or not.',
    worlds: ['rare event-sourcing'],
    patches: [remove('mayBeOwed', '$AGGREGATE.stream?.drives !== undefined')],
  },
  {
    name: 'control-keeps-the-left-steps-command',
    rule: 'delivery 7',
    does: 'A commit that leaves a step remembers the command of that step.',
    worlds: ['orders', 'late orders'],
    patches: [
      replace(
        'outcomeOf',
        '($STORED?.sent ?? []).filter($S => !($LEAVES_STEP && $IS_COMMAND($S)))',
        '$STORED?.sent ?? []',
      ),
    ],
  },
  {
    name: 'wake-up-of-any-version',
    rule: 'delivery 8',
    does: 'A wake-up acts on a version that its sender has not seen.',
    worlds: ['orders', 'late orders'],
    patches: [remove('onControl', "if ($AIMED_AT !== $CONTEXT.version) return { kind: 'ignore', why: $WHY }")],
  },
  {
    name: 'wake-ups-without-a-version',
    rule: 'delivery 8',
    does: 'Every sweep wakes a saga under an id of its own.',
    worlds: ['orders', 'late orders'],
    patches: [
      replace('wakeUpRecord', 'wakeUpId({ saga: $SAGA, id: $ID, version: $VERSION })', '`wake:${$SAGA}:${$ID}.${now}`'),
    ],
  },
  {
    name: 'operators-are-believed-that-it-was-refused',
    rule: 'delivery 8',
    does: 'A command that an operator calls refused is not undone or settled, though it may still be carried out.',
    worlds: ['orders', 'late orders'],
    patches: [replace('onResolve', 'canBeTakenBack($DEFINITION, $STATE)', 'step === undefined')],
  },
  {
    name: 'operators-on-any-version',
    rule: 'delivery 8',
    does: 'An operator’s action works on a version that the operator has not seen.',
    worlds: ['orders', 'late orders'],
    patches: [remove('onControl', 'if ($AIMED_AT !== $CONTEXT.version) return note($TURN, $STATE)')],
  },
  {
    name: 'stale-operators-leave-no-trace',
    rule: 'delivery 8',
    does: 'An operator’s action that came too late is not shown.',
    worlds: ['orders', 'late orders'],
    patches: [replace('onControl', 'return note($TURN, $STATE)', "return { kind: 'ignore', why: 'it came too late' }")],
  },
  {
    name: 'abort-after-the-pivot',
    rule: 'delivery 8',
    does: 'An operator may abort what is past the point of no return.',
    worlds: ['orders', 'late orders', 'orchestration'],
    patches: [
      replace(
        'canAbort',
        "$STEP?.kind === 'step' || ($STEP?.kind === 'pivot' && $STEP.settle !== undefined)",
        '$STEP !== undefined',
      ),
      replace('giveUp', "$STEP?.kind === 'step'", "$STEP?.kind === 'step' || $STEP?.kind === 'retriable'"),
    ],
  },
  {
    name: 'the-trigger-is-taken-at-its-word',
    rule: 'delivery 9',
    does: 'The orchestrator handles what triggered it, and not what is in the stream.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      replace('eventsToHandle', '$I >= $DONE', '$I >= $DONE && triggers.has(message.id)'),
      remove('streamOrchestrator.decide', 'if ($NUMBER !== $DONE + 1) throw $GAP'),
    ],
  },
  {
    name: 'wake-ups-trigger-no-stream',
    rule: 'delivery 9',
    does: 'A wake-up does not make the orchestrator look at its stream.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      replace(
        'queueStreamEvents',
        '[...$WAITING, ...$WORK.queue.filter($IS_CONTROL)]',
        '$WORK.queue.some($IS_CONTROL) ? $WORK.queue.filter($IS_CONTROL) : $WAITING',
      ),
    ],
  },
  {
    name: 'a-stream-is-handled-twice',
    rule: 'delivery 9',
    does: 'The orchestrator does not keep how far its stream is handled.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      remove('streamOrchestrator.decide', "if ($NUMBER > 0 && $NUMBER <= $DONE) return { kind: 'ignore', why: $WHY }"),
      replace('streamOrchestrator.decide', '$NUMBER !== $DONE + 1', '$NUMBER > $DONE + 1'),
    ],
  },
  {
    name: 'handled-letters-are-thrown-away',
    rule: 'delivery 10',
    does: 'A dead letter that its aggregate has handled may be thrown away.',
    worlds: ['orders'],
    patches: [
      replace(
        'isHandled',
        "((item?.['handled'] ?? []) as readonly string[]).includes($MESSAGE.id)",
        'item === undefined && $MESSAGE.id === undefined',
      ),
    ],
  },
]
