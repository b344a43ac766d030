import { join } from 'node:path'
import type { Availability } from './availability.ts'
import { startStreamSource, type StreamSource } from './dynamodb/stream-source.ts'
import type { LocalFunction } from './functions/function.ts'
import { localClient } from './dynamodb/client.ts'
import { kafkaClient } from './kafka/client.ts'
import { createDestination } from './kafka/destination.ts'
import { type KafkaSource, startKafkaSource } from './kafka/source.ts'
import type { Enforcement } from './permissions/enforcement.ts'
import type { Plan } from './template/plan-types.ts'
import type { Timeline } from './timeline.ts'

/** Every event source mapping of the templates. */
export interface Sources {
  /** By the function's name; false if no consumer has it. Resolves when it has left its groups, or joined them again. */
  pause(consumer: string): Promise<boolean>
  resume(consumer: string): Promise<boolean>
  stop(): Promise<void>
}

interface SourcesPorts {
  readonly brokers: readonly string[]
  readonly dynamodbEndpoint: string
  /** By the table's name. */
  readonly streamArns: ReadonlyMap<string, string>
  readonly stateDir: string
  readonly availability: Availability
  readonly timeline: Timeline
  readonly functionOf: (name: string) => LocalFunction
  /** How the pollers of a function come to the servers; left out: they may do everything. */
  readonly as?: Pick<Enforcement, 'kafkaAs' | 'dynamodbAs'> | undefined
  readonly say: (line: string) => void
}

/** Resolves when every consumer group is joined. */
export async function startSources(
  plan: Pick<Plan, 'kafkaSources' | 'streamSources'>,
  ports: SourcesPorts,
): Promise<Sources> {
  const { brokers, availability, timeline, functionOf, say } = ports
  const everybody = kafkaClient(brokers, 'recourse-sources')
  const names = new Set([...plan.kafkaSources, ...plan.streamSources].map(({ functionName }) => functionName))
  const clients = new Map([...names].map(name => [name, ports.as?.kafkaAs(name)]))
  const kafkaAs = (functionName: string) => clients.get(functionName) ?? everybody
  const destination = createDestination(kafkaAs, brokers, say)
  const { serversUp, allUp, released } = availability
  const topics: KafkaSource[] = await Promise.all(
    plan.kafkaSources.map(source =>
      startKafkaSource(source, {
        kafka: kafkaAs(source.functionName),
        brokers,
        fn: functionOf(source.functionName),
        giveUp: (of, records, why) => destination.keep(of, records, why),
        observe: record => timeline.observe(record),
        serversUp,
        allUp,
        released,
        show: say,
      }),
    ),
  )
  const streams: StreamSource[] = plan.streamSources.map(source => {
    const streamArn = ports.streamArns.get(source.table)
    if (streamArn === undefined)
      throw new Error(`${source.functionName} reads the stream of ${source.table}, which has none`)
    return startStreamSource(source, {
      dynamodb: ports.as?.dynamodbAs(source.functionName) ?? localClient(ports.dynamodbEndpoint),
      streamArn,
      fn: functionOf(source.functionName),
      positionsFile: join(ports.stateDir, 'streams', `${source.functionName}.${source.table}.json`),
      serversUp,
      show: say,
    })
  })
  const ofConsumer = (name: string) => topics.filter(source => source.functionName === name)

  return {
    async pause(consumer) {
      await Promise.all(ofConsumer(consumer).map(source => source.pause()))
      return ofConsumer(consumer).length > 0
    },
    async resume(consumer) {
      await Promise.all(ofConsumer(consumer).map(source => source.resume()))
      return ofConsumer(consumer).length > 0
    },
    async stop() {
      await Promise.all([...topics, ...streams].map(source => source.stop()))
      await destination.stop()
    },
  }
}
