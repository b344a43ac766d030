import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { kafkaClient } from '../../../localstack/runtime/kafka/client.ts'
import { createTopics } from '../../../localstack/runtime/kafka/topics.ts'
import { freePort, type Kafka, startKafka } from '../../../localstack/servers/index.ts'
import { testKafka } from '../../support/kafka.ts'

let dir = ''
const running: Kafka[] = []
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'recourse-admin-'))
})
afterEach(async () => {
  // One that stands still is told nothing else.
  for (const server of running) server.kill('SIGCONT')
  await Promise.all(running.splice(0).map(server => server.stop()))
  await rm(dir, { recursive: true, force: true })
})

async function broker(port: number): Promise<Kafka> {
  const started = await startKafka({ port, dir })
  running.push(started)
  return started
}
const topics = (...names: string[]) =>
  names.map(name => ({ name, partitions: 3, configs: { 'retention.ms': '60000' } }))
async function topicsAt({ brokers }: Kafka): Promise<string[]> {
  const admin = testKafka(brokers).admin()
  await admin.connect()
  try {
    return (await admin.listTopics()).sort()
  } finally {
    await admin.disconnect()
  }
}

it('topics are made as soon as a broker is there that was still starting, and that was said', async () => {
  const port = await freePort()
  const outgoing: string[] = []
  const [kafka] = await Promise.all([
    new Promise(resolve => setTimeout(resolve, 3000)).then(() => broker(port)),
    createTopics(kafkaClient([`127.0.0.1:${port}`], 'early'), topics('a', 'b'), { say: line => outgoing.push(line) }),
  ])
  expect(await topicsAt(kafka)).toEqual(['a', 'b'])
  expect(outgoing[0]).toMatch(/^Kafka does not answer yet to create topics \(.*\), trying again …$/)
})

it('topics are made by a broker that stands still in the middle, and by one that is killed and recovers', async () => {
  const port = await freePort()
  const client = kafkaClient([`127.0.0.1:${port}`], 'patient')
  const first = await broker(port)
  first.kill('SIGSTOP')
  const goesOn = new Promise(resolve => setTimeout(resolve, 8000)).then(() => first.kill('SIGCONT'))
  await Promise.all([createTopics(client, topics('a', 'b'), { say: () => {} }), goesOn])
  expect(await topicsAt(first)).toEqual(['a', 'b'])

  first.kill('SIGKILL')
  await first.exited
  const [second] = await Promise.all([broker(port), createTopics(client, topics('a', 'c'), { say: () => {} })])
  expect(await topicsAt(second)).toEqual(['a', 'b', 'c'])
})
