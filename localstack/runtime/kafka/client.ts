import '#engine/adapters/kafka/timer-shim.ts'
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs'

/**
 * A client that fails soon rather than hangs: callers of the runtime decide by themselves how often they try again.
 * `brokers`: `host:port`; `access`: where they ask who comes.
 */
export const kafkaClient = (
  brokers: readonly string[],
  clientId: string,
  access: Pick<KafkaConfig, 'ssl' | 'sasl'> = {},
) =>
  new Kafka({
    ...access,
    clientId,
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3000,
    requestTimeout: 5000,
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1000 },
  })
