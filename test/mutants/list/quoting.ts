/** The eight quoting rules, each broken in the ways that somebody might. */
import { type Mutant, patch } from '../mutant.ts'

export const quoting: readonly Mutant[] = [
  {
    name: 'a-rejected-quote-is-completed',
    rule: 'quoting 1',
    does: 'A completion does not look whether the quote was rejected meanwhile.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/quote/rules.ts',
        "  if (isFinal(state)) return { kind: 'answer', publish: [decisionOf(state)] }\n  return completeOpen(",
        '  return completeOpen(',
      ),
    ],
  },
  {
    name: 'a-completed-quote-is-rejected',
    rule: 'quoting 1',
    does: 'A rejection does not look whether the quote was completed meanwhile.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/quote/rules.ts',
        "  if (isFinal(state)) return { kind: 'answer', publish: [decisionOf(state)] }\n  return rejectOpen(",
        '  return rejectOpen(',
      ),
    ],
  },
  {
    name: 'a-late-count-is-not-answered-with-the-rejection',
    rule: 'quoting 1',
    does: 'In choreography a rejected quote that is counted does not publish again that it is rejected.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/quote/choreographed.ts',
        "if (state?.status === 'REJECTED') return { kind: 'answer', publish: [decisionOf(state)] }",
        "if (state?.status === 'REJECTED') return { kind: 'ignore', why: 'it is rejected' }",
      ),
    ],
  },
  {
    name: 'the-last-step-gives-up',
    rule: 'quoting 1',
    does: 'A completion that is not answered in time is taken for a rejection.',
    worlds: ['orchestration', 'event-sourcing'],
    patches: [
      patch('lambdas/sagas/quoting/saga.ts', ".pivot('complete-quote'", ".step('complete-quote'"),
      patch(
        'lambdas/sagas/quoting/saga.ts',
        "  .onAbort('reject-quote'",
        "  .nothingToUndo()\n  .onAbort('reject-quote'",
      ),
    ],
  },
  {
    name: 'the-count-is-no-set',
    rule: 'quoting 2',
    does: 'A quote that is counted already is counted once more.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/customer/rules.ts',
        "if (state) return { kind: 'answer', publish: [answerOf({ ...state, customerId: state.customerId ?? customerId })] }",
        "if (state && state.status !== 'COUNTED')\n    return { kind: 'answer', publish: [answerOf({ ...state, customerId: state.customerId ?? customerId })] }",
      ),
    ],
  },
  {
    name: 'uncounting-leaves-no-tombstone',
    rule: 'quoting 2',
    does: 'Taking back what was never counted is answered and not kept.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/customer/rules.ts',
        "  const now = Number(context.read(customer(customerId))?.['policyCount'] ?? 0)\n",
        "  const now = Number(context.read(customer(customerId))?.['policyCount'] ?? 0)\n  if (!state) return { kind: 'answer', publish: [revertedOf({ status: 'UNCOUNTED', customerId, quoteID: message.sagaId, policyCount: now })] }\n",
      ),
    ],
  },
  {
    name: 'a-rejection-leaves-no-tombstone',
    rule: 'quoting 2',
    does: 'In choreography the rejection of what is not counted yet is not kept.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/customer/rules.ts',
        "    return { kind: 'commit', state: { status: 'UNCOUNTED', quoteID, policyCount: 0 } }",
        "    return { kind: 'ignore', why: `${quoteID} is not counted` }",
      ),
    ],
  },
  {
    name: 'a-refusal-is-not-kept',
    rule: 'quoting 2',
    does: 'That a customer is unknown is published and not kept.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/customer/rules.ts',
        "if (!known) return committed({ status: 'REFUSED', ...about, policyCount: 0 })",
        "if (!known) return { kind: 'answer', publish: [answerOf({ status: 'REFUSED', ...about, policyCount: 0 })] }",
      ),
    ],
  },
  {
    name: 'an-unknown-customer-is-made',
    rule: 'quoting 2',
    does: 'A customer that nobody knows is created by its first policy.',
    worlds: ['orchestration', 'late orchestration'],
    patches: [
      patch(
        'lambdas/services/customer/rules.ts',
        "if (!known) return committed({ status: 'REFUSED', ...about, policyCount: 0 })",
        "if (!known)\n    return {\n      ...committed({ status: 'COUNTED', ...about, policyCount: 1 }),\n      alongside: [{ kind: 'insert', ref: customer(customerId), item: { customerId, name: customerId, policyCount: 1, version: 1 } }],\n    }",
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
    patches: [
      patch(
        'lambdas/services/customer/rules.ts',
        "  if (state) return { kind: 'answer', publish: [answerOf(state)] }\n",
        '',
      ),
    ],
  },
  {
    name: 'a-number-is-set-on-what-was-read',
    rule: 'quoting 2',
    does: 'A number is set without the condition that it is still the one that was read.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    patches: [patch('lambdas/services/customer/rules.ts', '        equals: { policyCount: before },\n', '')],
  },
  {
    name: 'the-policy-acts-on-claims',
    rule: 'quoting 3',
    does: 'In choreography the policy service takes somebody’s claim for the quote’s decision.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/policy/choreographed.ts',
        "  if (version === undefined) return { kind: 'ignore', why: 'a claim: the quote decides' }\n",
        '',
      ),
      patch(
        'lambdas/services/policy/choreographed.ts',
        'const { version, reason } = message.body',
        'const { reason } = message.body',
      ),
    ],
  },
  {
    name: 'the-count-acts-on-claims',
    rule: 'quoting 3',
    does: 'In choreography the customer service takes somebody’s claim for the quote’s decision.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/customer/rules.ts',
        "  if (version === undefined) return { kind: 'ignore', why: 'a claim: the quote decides' }\n",
        '  void version\n',
      ),
    ],
  },
  {
    name: 'the-saga-acts-on-claims',
    rule: 'quoting 3',
    does: 'The saga takes a claim for its reply.',
    worlds: ['orchestration', 'late orchestration'],
    patches: [
      patch(
        'lambdas/engine/saga/on-reply.ts',
        "  if (reply?.isReply?.(body) === false) return { kind: 'ignore', why: `this ${type} is a claim, and no reply` }\n",
        '  void reply\n',
      ),
    ],
  },
  {
    name: 'the-quote-ignores-claims',
    rule: 'quoting 3',
    does: 'The quote service does not decide on what others claim.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/quote/rules.ts',
        "  if (isFinal(state)) return { kind: 'ignore', why: `the quote is ${state.status}` }\n  return rejectOpen(state, { reason }, context)",
        "  return { kind: 'ignore', why: `${reason}: ${context.version} ${state?.status}` }",
      ),
    ],
  },
  {
    name: 'a-decision-is-kept-from-the-saga',
    rule: 'quoting 3',
    does: 'In event sourcing an open saga does not compensate when the quote is rejected.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      patch(
        'lambdas/engine/event-store/stream-orchestrator.ts',
        "return isFact && saga.status === 'RUNNING' && saga.doing === 'do' && step?.kind === 'step'",
        "return isFact && saga.status === 'RUNNING' && saga.doing === 'undo' && step?.kind === 'step'",
      ),
    ],
  },
  {
    name: 'nobody-keeps-time',
    rule: 'quoting 4',
    does: 'In choreography an approval that takes long is not published again.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/quote/republish-approved.ts',
        'withoutSaga: { afterMs: REMIND_AFTER_MS, endsAfterMs: DEADLINE_MS, isDue: isTime },',
        'withoutSaga: { afterMs: REMIND_AFTER_MS, endsAfterMs: DEADLINE_MS, isDue: () => false },',
      ),
    ],
  },
  {
    name: 'an-approval-again-under-a-new-id',
    rule: 'quoting 4',
    does: 'An approval that is published again has another id.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/quote/republish-approved.ts',
        'return { id: approvalId, message',
        'return { id: `${approvalId}.again`, message',
      ),
    ],
  },
  {
    name: 'a-quote-without-a-deadline',
    rule: 'quoting 4',
    does: 'In choreography a quote never rejects itself.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/quote/choreographed.ts',
        'context.now >= Date.parse(state.approvedAt) + DEADLINE_MS',
        'context.now >= Date.parse(state.approvedAt) + 1e6 * DEADLINE_MS',
      ),
    ],
  },
  {
    name: 'rejections-are-answered',
    rule: 'quoting 4',
    does: 'A quote answers a rejection with its own, and handles that as well.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/quote/rules.ts',
        "  if (version !== undefined) return { kind: 'ignore', why: 'it is a decision, and so our own' }\n  if (isFinal(state)) return { kind: 'ignore', why: `the quote is ${state.status}` }",
        "  if (isFinal(state) && state.status === 'REJECTED') return { kind: 'answer', publish: [decisionOf(state)] }\n  if (version !== undefined || isFinal(state)) return { kind: 'ignore', why: 'it is decided' }",
      ),
    ],
  },
  {
    name: 'cancellations-are-answered',
    rule: 'quoting 4',
    does: 'A rejected quote answers that its policy is cancelled, and the policy answers that.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/quote/choreographed.ts',
        "    state === undefined || isFinal(state) || state.status === 'DRAFT'\n      ?",
        "    state?.status === 'REJECTED'\n      ? { kind: 'answer', publish: [decisionOf(state)] }\n      : state === undefined || isFinal(state) || state.status === 'DRAFT'\n      ?",
      ),
      patch(
        'lambdas/services/policy/choreographed.ts',
        "    return { kind: 'ignore', why: `the policy is ${state.status}` }",
        "    return { kind: 'answer', publish: [cancelledOf(state, message.sagaId)] }",
      ),
    ],
  },
  {
    name: 'approvals-are-not-answered',
    rule: 'quoting 4',
    does: 'A policy that there is already does not answer an approval that is published again.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/policy/rules.ts',
        "if (state) return { kind: 'answer', publish: [answerOf(state, message.sagaId)] }",
        "if (state) return { kind: 'ignore', why: 'there is one' }",
      ),
    ],
  },
  {
    name: 'issued-policies-are-not-answered',
    rule: 'quoting 4',
    does: 'A count that there is already does not answer a policy that is published again.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/customer/rules.ts',
        "if (state) return { kind: 'answer', publish: [answerOf({ ...state, customerId: state.customerId ?? customerId })] }",
        "if (state) return { kind: 'ignore', why: 'there is one' }",
      ),
    ],
  },
  {
    name: 'failed-counts-are-not-answered',
    rule: 'quoting 4',
    does: 'A policy that is cancelled does not answer that its count has failed.',
    worlds: ['choreography', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/policy/rules.ts',
        "if (state?.status === 'CANCELLED') return { kind: 'answer', publish: [cancelledOf(state, message.sagaId)] }",
        "if (state?.status === 'CANCELLED') return { kind: 'ignore', why: 'it is' }",
      ),
    ],
  },
  {
    name: 'a-refused-policy-is-not-undone',
    rule: 'quoting 5',
    does: 'A refused create-policy is not undone, though the refusal may be another’s.',
    worlds: ['orchestration', 'event-sourcing'],
    patches: [patch('lambdas/sagas/quoting/saga.ts', "    evenIfRefused: 'after the abort',\n", '')],
  },
  {
    name: 'an-unknown-step-is-not-undone',
    rule: 'quoting 5',
    does: 'A step whose outcome is unknown is not undone.',
    worlds: ['orchestration', 'late orchestration'],
    patches: [
      patch(
        'lambdas/engine/saga/give-up.ts',
        "  if (step?.kind === 'step') return backward(turn, { ...state, reason }, i)",
        "  if (step?.kind === 'step') return backward(turn, { ...state, reason }, i - 1)",
      ),
    ],
  },
  {
    name: 'a-cancelled-policy-leaves-no-tombstone',
    rule: 'quoting 5',
    does: 'Cancelling a policy that was never asked for is answered and not kept.',
    worlds: ['orchestration', 'late orchestration'],
    patches: [
      patch(
        'lambdas/services/policy/rules.ts',
        "  const cancelled: Policy = { policyID: policyIdOf(message.sagaId), ...state, status: 'CANCELLED', reason }\n",
        "  const cancelled: Policy = { policyID: policyIdOf(message.sagaId), ...state, status: 'CANCELLED', reason }\n  if (!state) return { kind: 'answer', publish: [cancelledOf(cancelled, message.sagaId)] }\n",
      ),
    ],
  },
  {
    name: 'unknown-quotes-are-not-rejected',
    rule: 'quoting 6',
    does: 'A rejection of a quote that nobody has heard of is ignored.',
    worlds: ['orchestration', 'choreography', 'late orchestration', 'late choreography'],
    patches: [
      patch(
        'lambdas/services/quote/rules.ts',
        'export function rejectOpen(\n  state: Quote | undefined,\n  { reason }: { reason: string },\n  context: DecisionContext,\n): Decision<Quote, Rejected> {\n',
        "export function rejectOpen(state: Quote | undefined, { reason }: { reason: string }, context: DecisionContext): Decision<Quote, Rejected> {\n  if (!state) return { kind: 'ignore', why: 'nobody knows it' }\n",
      ),
    ],
  },
  {
    name: 'unknown-quotes-are-not-completed',
    rule: 'quoting 6',
    does: 'The completion of a quote that nobody has heard of is ignored.',
    worlds: ['orchestration', 'late orchestration'],
    patches: [
      patch(
        'lambdas/services/quote/rules.ts',
        '  const { policyID, customerId } = body\n',
        "  const { policyID, customerId } = body\n  if (!state) return { kind: 'ignore', why: 'nobody knows it' }\n",
      ),
    ],
  },
  {
    name: 'unknown-quotes-are-not-approved',
    rule: 'quoting 6',
    does: 'The quote service does not take in an approval from elsewhere.',
    worlds: ['choreography', 'orchestration'],
    patches: [
      patch(
        'lambdas/services/quote/rules.ts',
        "const isNews = !state || state.status === 'DRAFT'",
        "const isNews = state?.status === 'DRAFT'",
      ),
      patch(
        'lambdas/services/quote/rules.ts',
        "(state.status === 'APPROVED' && state.approvedAt === undefined)",
        "(state?.status === 'APPROVED' && state.approvedAt === undefined)",
      ),
      patch(
        'lambdas/services/quote/rules.ts',
        'why: `the quote is ${state.status}` }\n  const at = new Date(now).toISOString()\n  const approved',
        'why: `the quote is ${state?.status}` }\n  const at = new Date(now).toISOString()\n  const approved',
      ),
    ],
  },
  {
    name: 'policies-without-a-saga-begin-none',
    rule: 'quoting 6',
    does: 'A policy that was issued elsewhere begins no saga.',
    worlds: ['orchestration', 'event-sourcing'],
    patches: [
      patch(
        'lambdas/engine/saga/orchestrator.ts',
        'return message.type === definition.joins?.with.type && !message.control',
        'return message.type === definition.joins?.at && !message.control',
      ),
    ],
  },
  {
    name: 'a-stream-begins-with-an-approval',
    rule: 'quoting 6',
    does: 'An event stream takes nothing before the approval.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      patch(
        'lambdas/services/quote/events.ts',
        '  if (has({ type })) return false\n',
        '  if (has({ type }) || (stream.length === 0 && type !== quotes.QuoteApproved.type)) return false\n',
      ),
    ],
  },
  {
    name: 'rejected-streams-count',
    rule: 'quoting 7',
    does: 'After a rejection a stream still takes a count.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      patch(
        'lambdas/services/quote/events.ts',
        'return !rejected && !has(customers.CustomerPolicyCountReverted)',
        'return !has(customers.CustomerPolicyCountReverted)',
      ),
    ],
  },
  {
    name: 'counted-streams-are-rejected',
    rule: 'quoting 7',
    does: 'After a count a stream still takes a rejection.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      patch(
        'lambdas/services/quote/events.ts',
        'return !closed && !counted\n    case policies.PolicyCreated.type:',
        'return !closed\n    case policies.PolicyCreated.type:',
      ),
    ],
  },
  {
    name: 'rejected-streams-issue-policies',
    rule: 'quoting 7',
    does: 'After a rejection or a cancellation a stream still takes a policy.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      patch('lambdas/services/quote/events.ts', 'return !rejected && !has(policies.PolicyCancelled)', 'return true'),
    ],
  },
  {
    name: 'events-are-appended-unseen',
    rule: 'quoting 7',
    does: 'An append is decided on without having read the stream’s events.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      patch(
        'lambdas/engine/event-store/event-sourced-aggregate.ts',
        '    if (!store.mayAppend(events, messageType.type)) return undefined\n',
        '',
      ),
    ],
  },
  {
    name: 'foreign-events-are-stored-twice',
    rule: 'quoting 7',
    does: 'An event that others publish is stored as often as it comes.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      patch(
        'lambdas/services/quote/event-sourced.ts',
        "  if (stream.some(event => identityOfEvent(event) === message.id))\n    return { kind: 'ignore', why: 'it is stored already' }\n  if (!quoteEventStore.mayAppend(stream, message.type))\n    return { kind: 'ignore', why: `the stream is closed to ${message.type}` }\n",
        '',
      ),
    ],
  },
  {
    name: 'stored-claims-stay-claims',
    rule: 'quoting 7',
    does: 'A claim that is stored is not taken for a decision.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      patch(
        'lambdas/services/quote/events.ts',
        "      ...(eventType === quotes.QuoteRejected.type && { version: event['sequenceNumber'] }),\n",
        '',
      ),
    ],
  },
  {
    name: 'the-row-is-no-fold',
    rule: 'quoting 7',
    does: 'The quotes row is what the service decided, and not the fold of the stream.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      patch(
        'lambdas/services/quote/event-sourced.ts',
        'return { ...decision, state: { ...decision.state, ...foldQuote(stream) } }',
        'return stream.length < 0 ? { ...decision, state: { ...decision.state, ...foldQuote(stream) } } : decision',
      ),
    ],
  },
  {
    name: 'ended-sagas-stop-draining',
    rule: 'quoting 8',
    does: 'An ended saga does not go on with its stream.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      patch(
        'lambdas/engine/event-store/stream-orchestrator.ts',
        '      const number = context.stream.findIndex',
        "      if (saga?.status === 'COMPLETED' || saga?.status === 'ABORTED') return { kind: 'ignore', why: 'the saga has ended' }\n      const number = context.stream.findIndex",
      ),
    ],
  },
  {
    name: 'handled-events-are-not-passed-on',
    rule: 'quoting 8',
    does: 'Events of the store are not published on their topic.',
    worlds: ['event-sourcing', 'late event-sourcing'],
    patches: [
      patch(
        'lambdas/engine/event-store/stream-orchestrator.ts',
        'messageType && !isOut ?',
        'messageType && isOut && number < 0 ?',
      ),
    ],
  },
]
