/** What goes into a decision on a batch, and what comes out of it. */
import type { Aggregate, Call, Message } from '../model/aggregate.ts'
import type { Alongside, Item, Ref } from '../model/ports.ts'
import type { Sent, SentRow, Stored } from './stored-item.ts'

export interface BatchInput<State extends object> {
  readonly aggregate: Aggregate<State>
  readonly key: string
  readonly stored: Stored<State> | undefined
  /** In the order of their partition. */
  readonly messages: readonly Message[]
  /** Milliseconds since 1970. */
  readonly now: number
  read(ref: Ref): Item | undefined
  /** The answer to the outside call that the first message requested. */
  readonly answer?: { readonly value: unknown; readonly call: string }
  /** Keep what the stored commit handled and caused: it was made for messages that are not acknowledged yet. */
  readonly hasUnacknowledged?: boolean
  /** The events of the stream that its messages belong to, as they will be after these writes. Empty unless given. */
  streamAfter?(alongside: readonly Alongside[]): readonly Item[]
  /** How many messages at most; 1 finds the one that makes an item too large. */
  readonly maxMessages?: number
}

/** What became of a message. `duplicate`: the last commit handled it; its effects are carried out once more. */
export type Fate = 'committed' | 'duplicate' | 'answered' | 'ignored' | 'refused' | 'calling' | 'bug'

export interface FateOf {
  readonly message: Message
  readonly fate: Fate
  readonly why?: string
  readonly error?: unknown
  /** It reports an effect that its saga does not count on. */
  readonly unexpected?: true
}

/** A message with the id and the time that it goes out with. */
export type SentMessage = Sent & {
  readonly id: string
  readonly time: number
  readonly sagaId: string
  /** The aggregate type whose message it is, where another publishes it. */
  readonly source?: string
}

/** What is to be published and written, in the order that it was decided. */
export interface Effects {
  readonly sent: readonly SentMessage[]
  readonly rows: readonly SentRow[]
}

export interface BatchDecision<State> {
  readonly fates: readonly FateOf[]
  /** The messages after these wait: the last one has a call to make first, or failed. */
  readonly taken: number
  readonly commit?: { readonly stored: Stored<State>; readonly alongside: readonly Alongside[] }
  /** To be carried out once the commit, if any, is written. */
  readonly effects: Effects
  readonly call?: { readonly message: Message; readonly call: Call }
}
