import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { freePort, startDynamoDb, startKafka } from '../../localstack/servers/index.ts'

/** Vitest's global setup of the integration tests: one Kafka and one DynamoDB Local for the whole run, on free ports. */
export default async function startServers(project: TestProject) {
  const dir = await mkdtemp(join(tmpdir(), 'recourse-test-'))
  const starts = await Promise.allSettled([
    startKafka({ port: await freePort(), dir: join(dir, 'kafka') }),
    startDynamoDb({ port: await freePort(), dir: join(dir, 'dynamodb') }),
  ])
  const stop = async () => {
    await Promise.all(starts.flatMap(start => (start.status === 'fulfilled' ? [start.value.stop()] : [])))
    await rm(dir, { recursive: true, force: true })
  }
  const [kafka, dynamodb] = starts
  if (kafka.status === 'rejected' || dynamodb.status === 'rejected') {
    await stop()
    throw [kafka, dynamodb].flatMap(start => (start.status === 'rejected' ? [start.reason as Error] : []))[0]
  }
  project.provide('servers', { brokers: kafka.value.brokers, endpoint: dynamodb.value.endpoint })
  return stop
}
