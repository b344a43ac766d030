/**
 * kafkajs 2.2.4 arms a timer with a negative delay for every connection, over and over, even with nothing to send:
 * thousands of timers a second and a warning of Node's. This lets it do so only when something waits. Import it before
 * a client is made; it does its work once.
 */
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'

const queue: { scheduleCheckPendingRequests: (this: RequestQueue) => void } = RequestQueue.prototype
const original = queue.scheduleCheckPendingRequests

queue.scheduleCheckPendingRequests = function checkOnlyWhatWaits() {
  if (this.pending.length > 0 || this.throttledUntil > Date.now()) original.call(this)
}
