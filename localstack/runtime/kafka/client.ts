import '#shared/adapters/kafka/timer-shim.ts'
import { Kafka, logLevel } from 'kafkajs'

/**
 * A client that fails soon rather than hangs: callers of the runtime decide by themselves how often they try again.
 * `brokers`: `host:port`.
 */
export const kafkaClient = (brokers: readonly string[], clientId: string) =>
  new Kafka({
    clientId,
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3000,
    requestTimeout: 5000,
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1000 },
  })
