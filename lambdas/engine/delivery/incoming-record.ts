import type { Header } from '../model/ports.ts'

/** A record as it came from Kafka. `topic` without the environment's prefix. */
export interface IncomingRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly Header[]
}
