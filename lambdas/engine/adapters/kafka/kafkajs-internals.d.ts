declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** The requests of one connection. */
  export default class RequestQueue {
    pending: unknown[]
    /** Milliseconds since 1970. */
    throttledUntil: number
    scheduleCheckPendingRequests(): void
  }
}
