import type { Kafka, Producer } from 'kafkajs'
import { functionArn } from '../template/resource-types.ts'
import type { KafkaSourcePlan } from '../template/plan.ts'
import type { GivenUp } from '../sources/delivery.ts'
import { kafkaEvent, type KafkaRecord } from './event.ts'
import { failureRecord } from './failure-record.ts'

/** Writes what was given up on to its mapping's on-failure topic, as Lambda does. */
export interface Destination {
  /** Resolves when it is durably there; without a destination it is only told. */
  keep(plan: KafkaSourcePlan, records: readonly KafkaRecord[], why: GivenUp): Promise<void>
  stop(): Promise<void>
}

export function createDestination(kafka: Kafka, brokers: readonly string[], show: (line: string) => void): Destination {
  let producer: Producer | undefined
  let connected: Promise<void> | undefined

  async function connectedProducer(): Promise<Producer> {
    producer ??= kafka.producer({ allowAutoTopicCreation: false })
    connected ??= producer.connect()
    try {
      await connected
    } catch (error) {
      connected = undefined
      throw error
    }
    return producer
  }

  return {
    async keep(plan, records, why) {
      const count = records.length === 1 ? '1 record' : `${records.length} records`
      const error = why.error instanceof Error ? why.error.message : String(why.error)
      show(`${plan.functionName} gave up on ${count} of ${plan.topic} (${why.condition}): ${error}`)
      if (plan.onFailureTopic === undefined) return
      const event = kafkaEvent(records, plan, brokers)
      const document = failureRecord({
        records,
        why,
        functionArn: functionArn(plan.functionName),
        event,
        now: Date.now(),
      })
      const to = await connectedProducer()
      await to.send({
        topic: plan.onFailureTopic,
        acks: -1,
        messages: [{ key: records[0]?.key ?? null, value: JSON.stringify(document) }],
      })
    },
    async stop() {
      await connected?.catch(() => {})
      await producer?.disconnect()
    },
  }
}
