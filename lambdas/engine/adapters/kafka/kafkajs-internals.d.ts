declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** The requests of one connection. */
  export default class RequestQueue {
    pending: unknown[]
    /** Milliseconds since 1970. */
    throttledUntil: number
    scheduleCheckPendingRequests(): void
  }
}
declare module 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js' {
  export default function crc32C(bytes: Uint8Array): number
}
declare module 'kafkajs/src/protocol/encoder.js' {
  /** Bytes of a request. */
  export default class Encoder {
    writeInt16(value: number): this
    writeInt32(value: number): this
    writeString(value: string | null): this
    writeBufferInternal(bytes: Buffer): void
  }
}
declare module 'kafkajs/src/protocol/requests/produce/index.js' {
  import type Encoder from 'kafkajs/src/protocol/encoder.js'

  export interface TopicData<M> {
    readonly topic: string
    readonly partitions: readonly { readonly partition: number; readonly messages: readonly M[] }[]
  }
  export interface ProduceRequest {
    readonly acks: number
    readonly timeout: number
    readonly topicData: readonly TopicData<unknown>[]
  }
  interface Protocol {
    readonly request: { encode(): Promise<Encoder> }
    readonly response: unknown
  }
  const produce: {
    /** By the version that the broker speaks. */
    protocol: (options: { version: number | string }) => ((request: ProduceRequest) => Protocol) | undefined
  }
  export default produce
}
