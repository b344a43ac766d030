import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { freePort, type Running, startDynamoDb, startKafka, supervise } from '../../../localstack/servers/index.ts'
import { testKafka } from '../../support/kafka.ts'

let dir = ''
const running: { stop(): Promise<void> }[] = []
const started = <S extends { stop(): Promise<void> }>(server: S): S => {
  running.push(server)
  return server
}

const createKept = new CreateTableCommand({
  TableName: 'kept',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
})

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'recourse-servers-'))
})
afterEach(async () => {
  await Promise.all(running.splice(0).map(server => server.stop()))
  await rm(dir, { recursive: true, force: true })
})

it('Kafka keeps records over kill -9 and a start on another port, listens on loopback only, and stops in order', async () => {
  const first = started(await startKafka({ port: await freePort(), dir }))
  await using(testKafka(first.brokers).admin(), async admin => {
    await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 3 }], waitForLeaders: true })
  })
  await using(testKafka(first.brokers).producer(), async producer => {
    await producer.send({ topic: 'kept', messages: [{ key: 'a', value: '1', partition: 0 }] })
  })
  first.kill('SIGKILL')
  expect(await first.exited).toMatchObject({ signal: 'SIGKILL', expected: false })

  const second = started(await startKafka({ port: await freePort(), dir }))
  const offsets = await using(testKafka(second.brokers).admin(), admin => admin.fetchTopicOffsets('kept'))
  expect(offsets.find(({ partition }) => partition === 0)?.offset).toBe('1')
  await expectLoopbackOnly(second)
  await expectToStop(second)
})

it('DynamoDB Local, supervised, is started again on its data until no restarts are left', async () => {
  const port = await freePort()
  const message: string[] = []
  const dead = Promise.withResolvers<Error>()
  const up = Promise.withResolvers<Running>()
  const supervised = started(
    await supervise({
      title: 'DynamoDB Local',
      start: () => startDynamoDb({ port, dir }),
      restartsMax: 1,
      onRestart: (why, restart) => message.push(`${why} (${restart})`),
      onUp: server => up.resolve(server),
      onDead: error => dead.resolve(error),
    }),
  )
  const firstPid = supervised.current.pid
  const client = dynamo(supervised.current.endpoint)
  await client.send(createKept)
  await client.send(new PutItemCommand({ TableName: 'kept', Item: { id: { S: 'a' } } }))

  supervised.current.kill('SIGKILL')
  await up.promise
  expect(supervised.current.pid).not.toBe(firstPid)
  const kept = new GetItemCommand({ TableName: 'kept', Key: { id: { S: 'a' } }, ConsistentRead: true })
  expect((await client.send(kept)).Item).toEqual({ id: { S: 'a' } })
  await expectLoopbackOnly(supervised.current)

  supervised.current.kill('SIGKILL')
  expect((await dead.promise).message).toContain(
    'DynamoDB Local ended by SIGKILL, and was started again 1 times before',
  )
  expect(message).toEqual(['DynamoDB Local ended by SIGKILL (1)'])
})

it('DynamoDB Local, as we start it, has committed the transaction that it answers', async () => {
  const log: string[] = []
  let server = started(await startDynamoDb({ port: await freePort(), dir, log: line => log.push(line) }))
  await dynamo(server.endpoint).send(createKept)
  for (const id of ['1', '2', '3']) {
    const put = { Put: { TableName: 'kept', Item: { id: { S: id } } } }
    await dynamo(server.endpoint).send(new TransactWriteItemsCommand({ TransactItems: [put] }))
    server.kill('SIGKILL')
    await server.exited
    server = started(await startDynamoDb({ port: await freePort(), dir, log: line => log.push(line) }))
    const { Items = [] } = await dynamo(server.endpoint).send(new ScanCommand({ TableName: 'kept' }))
    expect(Items).toContainEqual({ id: { S: id } })
  }
  // What it loses without our launcher, it loses once in eight: this says that the launcher found what it looks for.
  expect(log.join('\n')).not.toContain('forgetful')
})

it('DynamoDB Local stops in order', async () => {
  await expectToStop(started(await startDynamoDb({ port: await freePort(), dir })))
})

it('both say which port is taken', async () => {
  const { port, close } = await listen()
  const starts = await Promise.allSettled([startKafka({ port, dir }), startDynamoDb({ port, dir })])
  await close()
  expect(starts.map(start => (start.status === 'rejected' ? String(start.reason) : 'started'))).toEqual([
    `CannotStart: port ${port} is taken, Kafka 4.3.0 cannot start: stop what uses it, or set KAFKA_PORT to another port`,
    `CannotStart: port ${port} is taken, DynamoDB Local 3.1.0 cannot start: stop what uses it, or set DYNAMODB_PORT to another port`,
  ])
})

it('both end with their parent, even if that is killed', async () => {
  const program = `
    import { freePort, startDynamoDb, startKafka } from '${join(import.meta.dirname, '../../../localstack/servers/index.ts')}'
    const servers = await Promise.all([
      startKafka({ port: await freePort(), dir: '${join(dir, 'k')}' }),
      startDynamoDb({ port: await freePort(), dir: '${join(dir, 'd')}' }),
    ])
    console.log(JSON.stringify(servers.map(({ pid }) => pid)))`
  const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const pids = JSON.parse(line.toString()) as number[]
  expect(pids.map(isAlive)).toEqual([true, true])

  parent.kill('SIGKILL')
  await expect.poll(() => pids.map(isAlive), { timeout: 5000 }).toEqual([false, false])
})

async function expectLoopbackOnly({ port }: Running) {
  expect(await reachable('127.0.0.1', port)).toBe(true)
  for (const address of otherAddresses()) expect(await reachable(address, port)).toBe(false)
}

/** Twice at once is harmless. */
async function expectToStop(server: Running) {
  await Promise.all([server.stop(), server.stop()])
  expect(await server.exited).toMatchObject({ expected: true })
  expect(isAlive(server.pid)).toBe(false)
  expect(await reachable('127.0.0.1', server.port)).toBe(false)
}

const dynamo = (endpoint: string) =>
  new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })

async function using<C extends { connect(): Promise<void>; disconnect(): Promise<void> }, R>(
  client: C,
  use: (client: C) => Promise<R>,
): Promise<R> {
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.disconnect()
  }
}

async function listen() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (!address || typeof address === 'string') throw new Error('no port')
  return { port: address.port, close: async () => void (await once(server.close(), 'close')) }
}

function reachable(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: 1000 })
    const end = (answer: boolean) => () => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', end(true)).on('error', end(false)).on('timeout', end(false))
  })
}

const otherAddresses = () =>
  Object.values(networkInterfaces()).flatMap(addresses =>
    (addresses ?? []).filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address),
  )

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
