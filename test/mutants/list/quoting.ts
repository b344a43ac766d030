/** The eight quoting rules, each broken in the ways that somebody might. */
import { insertBefore, insertFirst, type Mutant, remove, replace } from '../mutant.ts'

export const quoting: readonly Mutant[] = [
  {
    name: 'a-rejected-quote-is-completed',
    rule: 'quoting 1',
    does: 'A completion does not look whether the quote was rejected meanwhile.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    patches: [remove('complete', "if (isFinal($STATE)) return { kind: 'answer', publish: [decisionOf($STATE)] }")],
  },
  {
    name: 'a-completed-quote-is-rejected',
    rule: 'quoting 1',
    does: 'A rejection does not look whether the quote was completed meanwhile.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    patches: [remove('reject', "if (isFinal($STATE)) return { kind: 'answer', publish: [decisionOf($STATE)] }")],
  },
  {
    name: 'a-late-count-is-not-answered-with-the-rejection',
    rule: 'quoting 1',
    does: 'In choreography a rejected quote that is counted does not publish again that it is rejected.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      replace('counted', "kind: 'answer', publish: [decisionOf($STATE)]", "kind: 'ignore', why: 'it is rejected'"),
    ],
  },
  {
    name: 'the-last-step-gives-up',
    rule: 'quoting 1',
    does: 'A completion that is not answered in time is taken for a rejection.',
    worlds: ['orchestration', 'event-sourcing'],
    patches: [
      replace(
        'quotingSaga',
        "$STEPS.pivot('complete-quote', $$$STEP)",
        "$STEPS.step('complete-quote', $$$STEP).nothingToUndo()",
      ),
    ],
  },
  {
    name: 'the-count-is-no-set',
    rule: 'quoting 2',
    does: 'A quote that is counted already is counted once more.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    patches: [
      replace(
        'countQuote',
        "if ($STATE) return { kind: 'answer', publish: $ANSWER }",
        "if ($STATE && $STATE.status !== 'COUNTED') return { kind: 'answer', publish: $ANSWER }",
      ),
    ],
  },
  {
    name: 'uncounting-leaves-no-tombstone',
    rule: 'quoting 2',
    does: 'Taking back what was never counted is answered and not kept.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    patches: [
      insertBefore(
        'takeBack',
        "const $COUNTED = $STATE?.status === 'COUNTED'",
        "if (!$STATE) return { kind: 'answer', publish: [revertedOf({ status: 'UNCOUNTED', customerId, quoteID: message.sagaId, policyCount: now })] }",
      ),
    ],
  },
  {
    name: 'a-rejection-leaves-no-tombstone',
    rule: 'quoting 2',
    does: 'In choreography the rejection of what is not counted yet is not kept.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      replace(
        'takeBackRejected',
        "kind: 'commit', state: { status: 'UNCOUNTED', quoteID: $QUOTE_ID, policyCount: 0 }",
        "kind: 'ignore', why: `${$QUOTE_ID} is not counted`",
      ),
    ],
  },
  {
    name: 'a-refusal-is-not-kept',
    rule: 'quoting 2',
    does: 'That a customer is unknown is published and not kept.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    patches: [
      replace(
        'countQuote',
        "committed({ status: 'REFUSED', ...$ABOUT, policyCount: 0 })",
        "{ kind: 'answer', publish: [answerOf({ status: 'REFUSED', ...$ABOUT, policyCount: 0 })] }",
      ),
    ],
  },
  {
    name: 'an-unknown-customer-is-made',
    rule: 'quoting 2',
    does: 'A customer that nobody knows is created by its first policy.',
    worlds: ['orchestration', 'late orchestration'],
    patches: [
      replace(
        'countQuote',
        "committed({ status: 'REFUSED', ...$ABOUT, policyCount: 0 })",
        "{ ...committed({ status: 'COUNTED', ...$ABOUT, policyCount: 1 }), alongside: [{ kind: 'insert', ref: customer(customerId), item: { customerId, name: customerId, policyCount: 1, version: 1 } }] }",
      ),
    ],
  },
  {
    name: 'a-number-is-set-for-every-command',
    rule: 'quoting 2',
    does: 'A number that comes without a quote is set again by each repeat of its command.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    redundant:
      'A number has an item of its own, by its command’s id, which handles nothing else: a repeat is among the handled ids, and never decided on.',
    patches: [remove('set', "if ($STATE) return { kind: 'answer', publish: $ANSWER }")],
  },
  {
    name: 'a-number-is-set-on-what-was-read',
    rule: 'quoting 2',
    does: 'A number is set without the condition that it is still the one that was read.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    patches: [remove('set', 'equals: { policyCount: $BEFORE }')],
  },
  {
    name: 'the-policy-acts-on-claims',
    rule: 'quoting 3',
    does: 'In choreography the policy service takes somebody’s claim for the quote’s decision.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      remove('rejected', "if ($VERSION === undefined) return { kind: 'ignore', why: $WHY }"),
      remove('rejected', 'version: $VERSION'),
    ],
  },
  {
    name: 'the-count-acts-on-claims',
    rule: 'quoting 3',
    does: 'In choreography the customer service takes somebody’s claim for the quote’s decision.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      replace('takeBackRejected', "if ($VERSION === undefined) return { kind: 'ignore', why: $WHY }", 'void $VERSION'),
    ],
  },
  {
    name: 'the-saga-acts-on-claims',
    rule: 'quoting 3',
    does: 'The saga takes a claim for its reply.',
    worlds: ['orchestration', 'late orchestration'],
    patches: [
      replace('onReply', "if ($REPLY?.isReply?.($BODY) === false) return { kind: 'ignore', why: $WHY }", 'void $REPLY'),
    ],
  },
  {
    name: 'the-quote-ignores-claims',
    rule: 'quoting 3',
    does: 'The quote service does not decide on what others claim.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      replace(
        'claimed',
        "if (isFinal($STATE)) return { kind: 'ignore', why: $WHY }; return rejectOpen($STATE, { reason: $REASON }, $CONTEXT)",
        "return { kind: 'ignore', why: `${$REASON}: ${$CONTEXT.version} ${$STATE?.status}` }",
      ),
    ],
  },
  {
    name: 'a-decision-is-kept-from-the-saga',
    rule: 'quoting 3',
    does: 'In event sourcing an open saga does not compensate when the quote is rejected.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [replace('isAbortFact', "$SAGA.doing === 'do'", "$SAGA.doing === 'undo'")],
  },
  {
    name: 'nobody-keeps-time',
    rule: 'quoting 4',
    does: 'In choreography an approval that takes long is not published again.',
    worlds: ['choreography', 'late choreography'],
    patches: [replace('republishQuotes', 'isDue: isTime', 'isDue: () => false')],
  },
  {
    name: 'an-approval-again-under-a-new-id',
    rule: 'quoting 4',
    does: 'An approval that is published again has another id.',
    worlds: ['choreography', 'late choreography'],
    patches: [replace('approvalOf', 'id: $APPROVAL_ID', 'id: `${$APPROVAL_ID}.again`')],
  },
  {
    name: 'a-quote-without-a-deadline',
    rule: 'quoting 4',
    does: 'In choreography a quote never rejects itself.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      replace(
        'approvedOrLate',
        'Date.parse($STATE.approvedAt) + DEADLINE_MS',
        'Date.parse($STATE.approvedAt) + 1e6 * DEADLINE_MS',
      ),
    ],
  },
  {
    name: 'rejections-are-answered',
    rule: 'quoting 4',
    does: 'A quote answers a rejection with its own, and handles that as well.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      replace(
        'claimed',
        "if ($VERSION !== undefined) return { kind: 'ignore', why: $OURS }; if (isFinal($STATE)) return { kind: 'ignore', why: $FINAL }",
        "if (isFinal($STATE) && $STATE.status === 'REJECTED') return { kind: 'answer', publish: [decisionOf($STATE)] }; if ($VERSION !== undefined || isFinal($STATE)) return { kind: 'ignore', why: 'it is decided' }",
      ),
    ],
  },
  {
    name: 'cancellations-are-answered',
    rule: 'quoting 4',
    does: 'A rejected quote answers that its policy is cancelled, and the policy answers that.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      replace(
        'rejectedBecause',
        '$STATE === undefined || $A || $B ? $IGNORED : $REJECTED',
        "$STATE?.status === 'REJECTED' ? { kind: 'answer', publish: [decisionOf($STATE)] } : $STATE === undefined || $A || $B ? $IGNORED : $REJECTED",
      ),
      replace(
        'rejected',
        "{ kind: 'ignore', why: `the policy is ${$STATE.status}` }",
        "{ kind: 'answer', publish: [cancelledOf($STATE, message.sagaId)] }",
      ),
    ],
  },
  {
    name: 'approvals-are-not-answered',
    rule: 'quoting 4',
    does: 'A policy that there is already does not answer an approval that is published again.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      replace(
        'create',
        "kind: 'answer', publish: [$ANSWER_OF($STATE, $MESSAGE.sagaId)]",
        "kind: 'ignore', why: 'there is one'",
      ),
    ],
  },
  {
    name: 'issued-policies-are-not-answered',
    rule: 'quoting 4',
    does: 'A count that there is already does not answer a policy that is published again.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      replace(
        'countQuote',
        "kind: 'answer', publish: [answerOf({ ...$STATE, customerId: $STATE.customerId ?? $CUSTOMER_ID })]",
        "kind: 'ignore', why: 'there is one'",
      ),
    ],
  },
  {
    name: 'failed-counts-are-not-answered',
    rule: 'quoting 4',
    does: 'A policy that is cancelled does not answer that its count has failed.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      replace(
        'cancel',
        "kind: 'answer', publish: [cancelledOf($STATE, $MESSAGE.sagaId)]",
        "kind: 'ignore', why: 'it is'",
      ),
    ],
  },
  {
    name: 'a-refused-policy-is-not-undone',
    rule: 'quoting 5',
    does: 'A refused create-policy is not undone, though the refusal may be another’s.',
    worlds: ['orchestration', 'event-sourcing'],
    patches: [remove('quotingSaga', "evenIfRefused: 'after the abort'")],
  },
  {
    name: 'an-unknown-step-is-not-undone',
    rule: 'quoting 5',
    does: 'A step whose outcome is unknown is not undone.',
    worlds: ['orchestration', 'late orchestration'],
    patches: [
      replace(
        'giveUp',
        'backward($TURN, { ...$STATE, reason: $REASON }, $I)',
        'backward($TURN, { ...$STATE, reason: $REASON }, $I - 1)',
      ),
    ],
  },
  {
    name: 'a-cancelled-policy-leaves-no-tombstone',
    rule: 'quoting 5',
    does: 'Cancelling a policy that was never asked for is answered and not kept.',
    worlds: ['orchestration', 'late orchestration'],
    patches: [
      insertBefore(
        'cancel',
        "return { kind: 'commit', state: $CANCELLED, publish: [cancelledOf($CANCELLED, $SAGA_ID)], $$$ }",
        "if (!state) return { kind: 'answer', publish: [cancelledOf($CANCELLED, $SAGA_ID)] }",
      ),
    ],
  },
  {
    name: 'unknown-quotes-are-not-rejected',
    rule: 'quoting 6',
    does: 'A rejection of a quote that nobody has heard of is ignored.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    patches: [insertFirst('rejectOpen', "if (!state) return { kind: 'ignore', why: 'nobody knows it' }")],
  },
  {
    name: 'unknown-quotes-are-not-completed',
    rule: 'quoting 6',
    does: 'The completion of a quote that nobody has heard of is ignored.',
    worlds: ['orchestration', 'late orchestration'],
    patches: [
      insertBefore(
        'completeOpen',
        "const $COMPLETED = { $$$BEFORE, ...$STATE, status: 'COMPLETED', $$$AFTER }",
        "if (!$STATE) return { kind: 'ignore', why: 'nobody knows it' }",
      ),
    ],
  },
  {
    name: 'unknown-quotes-are-not-approved',
    rule: 'quoting 6',
    does: 'The quote service does not take in an approval from elsewhere.',
    worlds: ['choreography', 'orchestration'],
    patches: [
      replace('approvedElsewhere', "!$STATE || $STATE.status === 'DRAFT'", "$STATE?.status === 'DRAFT'"),
      replace('approvedElsewhere', "$STATE.status === 'APPROVED'", "$STATE?.status === 'APPROVED'"),
      replace('approvedElsewhere', '`the quote is ${$STATE.status}`', '`the quote is ${$STATE?.status}`'),
    ],
  },
  {
    name: 'policies-without-a-saga-begin-none',
    rule: 'quoting 6',
    does: 'A policy that was issued elsewhere begins no saga.',
    worlds: ['orchestration', 'event-sourcing'],
    patches: [replace('orchestrator.decide', '$DEFINITION.joins?.with.type', '$DEFINITION.joins?.at')],
  },
  {
    name: 'a-stream-begins-with-an-approval',
    rule: 'quoting 6',
    does: 'An event stream takes nothing before the approval.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      replace(
        'mayAppend',
        'has({ type: $TYPE })',
        'has({ type: $TYPE }) || (stream.length === 0 && $TYPE !== quotes.QuoteApproved.type)',
      ),
    ],
  },
  {
    name: 'rejected-streams-count',
    rule: 'quoting 7',
    does: 'After a rejection a stream still takes a count.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      replace(
        'mayAppend',
        '!$REJECTED && !has(customers.CustomerPolicyCountReverted)',
        '!has(customers.CustomerPolicyCountReverted)',
      ),
    ],
  },
  {
    name: 'counted-streams-are-rejected',
    rule: 'quoting 7',
    does: 'After a count a stream still takes a rejection.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      replace(
        'mayAppend',
        'case quotes.QuoteRejected.type: return !$CLOSED && !$COUNTED',
        'case quotes.QuoteRejected.type: return !$CLOSED',
      ),
    ],
  },
  {
    name: 'rejected-streams-issue-policies',
    rule: 'quoting 7',
    does: 'After a rejection or a cancellation a stream still takes a policy.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [replace('mayAppend', '!$REJECTED && !has(policies.PolicyCancelled)', 'true')],
  },
  {
    name: 'events-are-appended-unseen',
    rule: 'quoting 7',
    does: 'An append is decided on without having read the stream’s events.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [remove('appendAll', 'if (!$STORE.mayAppend($EVENTS, $MESSAGE_TYPE.type)) return undefined')],
  },
  {
    name: 'foreign-events-are-stored-twice',
    rule: 'quoting 7',
    does: 'An event that others publish is stored as often as it comes.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      remove(
        'takeIn',
        'if ($STREAM.some($IS_STORED)) return $STORED; if (!quoteEventStore.mayAppend($$$)) return $CLOSED',
      ),
    ],
  },
  {
    name: 'stored-claims-stay-claims',
    rule: 'quoting 7',
    does: 'A claim that is stored is not taken for a decision.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      remove('messageOf', "...($EVENT_TYPE === quotes.QuoteRejected.type && { version: $EVENT['sequenceNumber'] })"),
    ],
  },
  {
    name: 'the-row-is-no-fold',
    rule: 'quoting 7',
    does: 'The quotes row is what the service decided, and not the fold of the stream.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      replace(
        'eventSourcedQuote.decide',
        '{ ...$DECISION, state: { ...$DECISION.state, ...foldQuote($STREAM) } }',
        '$STREAM.length < 0 ? { ...$DECISION, state: { ...$DECISION.state, ...foldQuote($STREAM) } } : $DECISION',
      ),
    ],
  },
  {
    name: 'ended-sagas-stop-draining',
    rule: 'quoting 8',
    does: 'An ended saga does not go on with its stream.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      insertBefore(
        'streamOrchestrator.decide',
        'const $NUMBER = $CONTEXT.stream.findIndex($$$) + 1',
        "if (saga?.status === 'COMPLETED' || saga?.status === 'ABORTED') return { kind: 'ignore', why: 'the saga has ended' }",
      ),
    ],
  },
  {
    name: 'handled-events-are-not-passed-on',
    rule: 'quoting 8',
    does: 'Events of the store are not published on their topic.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [replace('passOn', '$MESSAGE_TYPE && !$IS_OUT', '$MESSAGE_TYPE && $IS_OUT && number < 0')],
  },
]
