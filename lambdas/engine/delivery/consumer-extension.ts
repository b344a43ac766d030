/**
 * Where a room above takes part in a consumer's batch. `event-store/` is one: it reads a key's stream beside its item,
 * and queues the events that wait there. Without an extension a consumer handles records of topics alone.
 */
import type { Alongside, Item, Ref } from '../model/ports.ts'
import type { DeadRecord, Work } from './work.ts'

export interface ConsumerExtension<State> {
  /** Once for each batch, before anything is read: what it keeps of a batch goes with it. */
  startBatch(works: readonly Work<State>[]): BatchExtension<State>
}

export interface BatchExtension<State> {
  /** Reads what it needs, while the items are read. Throws RetryableError: then the whole batch is delivered again. */
  read(): Promise<unknown>
  /** All is read, nothing is decided: it may change what waits for a key. */
  enqueue(): void
  /** The stream that a decision on this key is given, as it will be after these writes. */
  streamAfter(work: Work<State>, alongside: readonly Alongside[]): readonly Item[]
  /** The key's commit was written, with these writes. */
  committed(work: Work<State>, alongside: readonly Alongside[]): void
  /** Another writer was first: the key is decided on again, given what is there now. */
  lostCondition(work: Work<State>, other: { readonly ref: Ref; readonly present: Item | undefined }): void
  /** Nothing waits any more. It may take dead letters out, and fail the deliveries that they came of. */
  finish(dead: DeadRecord[]): void
}
