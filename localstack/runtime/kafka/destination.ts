import type { Kafka, Producer } from 'kafkajs'
import { functionArn } from '../template/resource-types.ts'
import type { KafkaSourcePlan } from '../template/plan-types.ts'
import type { GivenUp } from '../sources/delivery.ts'
import { kafkaEvent, type KafkaRecord } from './event.ts'
import { failureRecord } from './failure-record.ts'

/** Writes what was given up on to its mapping's on-failure topic, as Lambda does. */
export interface Destination {
  /** Resolves when it is durably there; without a destination it is only told. */
  keep(plan: KafkaSourcePlan, records: readonly KafkaRecord[], why: GivenUp): Promise<void>
  stop(): Promise<void>
}

/** `kafkaAs`: a client as the poller of a function. */
export function createDestination(
  kafkaAs: (functionName: string) => Kafka,
  brokers: readonly string[],
  show: (line: string) => void,
): Destination {
  /** By client, as most functions have the same. */
  const producers = new Map<Kafka, Promise<Producer>>()

  async function connect(kafka: Kafka): Promise<Producer> {
    const producer = kafka.producer({ allowAutoTopicCreation: false })
    try {
      await producer.connect()
    } catch (error) {
      producers.delete(kafka)
      await producer.disconnect().catch(() => {})
      throw error
    }
    return producer
  }

  function producerOf(functionName: string): Promise<Producer> {
    const kafka = kafkaAs(functionName)
    const present = producers.get(kafka)
    if (present) return present
    const connecting = connect(kafka)
    producers.set(kafka, connecting)
    return connecting
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
      const to = await producerOf(plan.functionName)
      await to.send({
        topic: plan.onFailureTopic,
        acks: -1,
        messages: [{ key: records[0]?.key ?? null, value: JSON.stringify(document) }],
      })
    },
    async stop() {
      await Promise.all(
        [...producers.values()].map(async opened => (await opened.catch(() => undefined))?.disconnect()),
      )
    },
  }
}
