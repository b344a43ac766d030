declare module 'kafkajs/src/protocol/decoder.js' {
  /** Bytes of an answer. */
  export default class Decoder {
    readVarIntArray(read: (decoder: Decoder) => unknown): unknown[]
  }
}
