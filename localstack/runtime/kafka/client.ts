import { Kafka, logLevel } from 'kafkajs'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'

/**
 * A client that fails soon rather than hangs: callers of the runtime decide by themselves how often they try again.
 * `brokers`: `host:port`.
 */
export const kafkaClient = (brokers: readonly string[], clientId: string) => {
  stopIdleTimers()
  return new Kafka({
    clientId,
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3000,
    requestTimeout: 5000,
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1000 },
  })
}

interface Queue {
  readonly pending: readonly unknown[]
  readonly throttledUntil: number
  scheduleCheckPendingRequests: (this: Queue) => void
}
let stopped = false

/** kafkajs 2.2.4 arms a timer with a negative delay even with nothing queued: thousands a second on an idle connection. */
function stopIdleTimers() {
  if (stopped) return
  stopped = true
  const prototype = RequestQueue.prototype as Queue
  const schedule = prototype.scheduleCheckPendingRequests
  prototype.scheduleCheckPendingRequests = function scheduleIfNeeded(this: Queue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this)
  }
}
