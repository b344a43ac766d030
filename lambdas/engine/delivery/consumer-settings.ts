import type { Aggregate } from '../model/aggregate.ts'
import type { Clock, Log, Publisher, Store } from '../model/ports.ts'
import type { Vocabulary } from './envelope.ts'
import type { FailureRecorder } from './failure-recorder.ts'
import type { TopicOf } from './topics.ts'

/** Makes one kind of outside call. Throws RetryableError if it is certain that it had no effect yet. */
export type Caller = (request: never) => Promise<unknown>

export interface ConsumerSettings<State extends object> {
  /** Its consumer groups and dead letters bear this name. */
  readonly name: string
  readonly aggregate: Aggregate<State>
  readonly store: Store
  readonly publisher: Publisher
  readonly clock: Clock
  readonly log: Log
  readonly topicOf: TopicOf
  /** What it knows of each topic that it reads, by the topic's name without prefix. */
  readonly vocabulary: (topic: string) => Vocabulary
  readonly calls?: Readonly<Record<string, Caller>>
  /** Where it is kept since when it fails and why; nowhere unless given. */
  readonly failures?: FailureRecorder
  readonly limits?: Partial<Limits>
}

export type Limits = { readonly [name in keyof typeof LIMITS]: number }

export const LIMITS = {
  /** Times that one key's decision is made again after a lost condition, before its records are delivered again. */
  lostConditionsMax: 10,
  /** Outside calls at once. */
  callsAtOnce: 64,
  /** Outside calls that one message may request, one after the other. */
  callsAMessageMax: 5,
  /** Times that a call is made in one go while it certainly had no effect, and for how long it is begun again. */
  triesMax: 3,
  triesWithinMs: 2_000,
  /** Between the first two; doubled each time. */
  tryPauseMs: 200,
  /** How long answers wait for those of slower calls, so as to be committed with them. */
  graceMs: 250,
  /** Between two tries of what failed, within one invocation: doubled from the first to the longest. */
  pauseFirstMs: 200,
  pauseLongestMs: 5_000,
  /** What fails for no longer is not told of: it is a hiccup, and was mended within its invocation. */
  failingAfterMs: 3_000,
} as const
