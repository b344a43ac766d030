/** What a batch's decision has come to, message after message. */
import { type AnyAggregate, PASSED_ON } from '../model/aggregate.ts'
import type { Alongside } from '../model/ports.ts'
import type { BatchDecision, BatchInput, FateOf, SentMessage } from './batch-decision.ts'
import { messageIdOf, type Sent, type SentRow } from './stored-item.ts'

export interface BatchDraft<State> {
  state: State | undefined
  /** Decisions to commit so far: one commit is made of them. */
  commits: number
  /** The version that the commit will have, and the number of its next message. */
  readonly version: number
  n: number
  /** The commit keeps what the stored one handled and caused. */
  keepsCaused: boolean
  /** What the stored commit caused is published once more, but for its commands. */
  publishesCaused: boolean
  leavesStep: boolean
  handled: string[]
  /** What commits and answers publish, in the order that they were decided. */
  published: (Sent | SentMessage)[]
  rows: SentRow[]
  readonly alongside: Alongside[]
  /** Ids of messages that the stored commit handled. */
  readonly again: Set<string>
  readonly fates: FateOf[]
  call: BatchDecision<State>['call']
  taken: number
}

export const newDraft = <State extends object>({
  stored,
  hasUnacknowledged = false,
}: BatchInput<State>): BatchDraft<State> => ({
  state: stored?.state,
  commits: 0,
  version: (stored?.version ?? 0) + 1,
  n: 0,
  keepsCaused: hasUnacknowledged,
  publishesCaused: false,
  leavesStep: false,
  handled: [],
  published: [],
  rows: [],
  alongside: [],
  again: new Set(),
  fates: [],
  call: undefined,
  taken: 0,
})

/** Whether what was sent is a step's command: one that is answered. */
export function commandsOfSteps({ publishes, notices }: AnyAggregate): (sent: Sent) => boolean {
  const kindOf = new Map(publishes.map(({ type, kind }) => [type, kind]))
  return ({ type }) => kindOf.get(type) === 'command' && !notices?.has(type)
}

const [passedOn] = PASSED_ON

/** The id of what was sent: its cause's, where that is passed on. */
export const idOfSent = (
  aggregate: Pick<AnyAggregate, 'type'>,
  key: string,
  { version, n, cause }: Pick<Sent, 'version' | 'n' | 'cause'>,
): string => (version === passedOn ? cause : messageIdOf(aggregate, key, version, n))
