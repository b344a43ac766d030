import { BatchExecuteStatementCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Gate, startGate } from '../../../../localstack/runtime/permissions/dynamodb-gate.ts'
import { createLedger, type Use } from '../../../../localstack/runtime/permissions/uses.ts'

const ORDERS = 'arn:aws:dynamodb:eu-west-1:000000000000:table/orders'
const granted = new Map([
  [
    'order-api',
    [
      { action: 'dynamodb:Query', resource: ORDERS },
      { action: 'dynamodb:PartiQLInsert', resource: ORDERS },
    ],
  ],
])

let database: Server
let gate: Gate
let client: DynamoDBClient
const asked: { headers: IncomingHttpHeaders; body: string }[] = []
const uses: Use[] = []
const outgoing: string[] = []

beforeEach(async () => {
  for (const kept of [asked, uses, outgoing]) kept.length = 0
  database = createServer((request, response) => {
    void text(request).then(body => {
      asked.push({ headers: request.headers, body })
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{"Items":[],"Count":0}')
    })
  })
  await new Promise<void>(resolve => {
    database.listen(0, '127.0.0.1', resolve)
  })
  gate = await startGate({
    endpoint: `http://127.0.0.1:${(database.address() as AddressInfo).port}`,
    ledger: createLedger(granted, use => uses.push(use)),
    show: line => outgoing.push(line),
  })
  client = as('order-api')
})
afterEach(async () => {
  client.destroy()
  await gate.stop()
  database.closeAllConnections()
  database.close()
})

const as = (accessKeyId: string) =>
  new DynamoDBClient({
    endpoint: gate.url,
    region: 'eu-west-1',
    credentials: { accessKeyId, secretAccessKey: 'local' },
    maxAttempts: 1,
  })
const query = (IndexName?: string) =>
  new QueryCommand({
    TableName: 'orders',
    ...(IndexName !== undefined && { IndexName }),
    KeyConditionExpression: 'a = :a',
    ExpressionAttributeValues: { ':a': { S: '1' } },
  })

it('passes on what is allowed, in a name that DynamoDB Local takes, and hands back its answer', async () => {
  expect((await client.send(query())).Count).toBe(0)
  expect(asked).toHaveLength(1)
  expect(asked[0]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=local\/\d{8}\/eu-west-1\/dynamodb\//)
  expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ TableName: 'orders', KeyConditionExpression: 'a = :a' })
  expect(uses).toEqual([{ functionName: 'order-api', action: 'dynamodb:Query', resource: ORDERS, allowed: true }])
})

it('answers what is not as AWS does, and the database is asked nothing', async () => {
  await expect(client.send(query('byCustomer'))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: `User: arn:aws:sts::000000000000:assumed-role/order-api/order-api is not authorized to perform: dynamodb:Query on resource: ${ORDERS}/index/byCustomer because no identity-based policy allows the dynamodb:Query action`,
    $metadata: { httpStatusCode: 400 },
  })
  const stranger = as('stranger')
  await expect(stranger.send(query())).rejects.toMatchObject({ name: 'AccessDeniedException' })
  stranger.destroy()
  expect(asked).toEqual([])
})

it('denies a batch of which one statement is denied, and tells of every one', async () => {
  const Statements = [
    { Statement: `INSERT INTO "orders" VALUE {'a': '1'}` },
    { Statement: `UPDATE "orders" SET "b" = 1 WHERE "a" = '1'` },
    { Statement: `INSERT INTO "sagas" VALUE {'a': '1'}` },
  ]
  await expect(client.send(new BatchExecuteStatementCommand({ Statements }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('dynamodb:PartiQLUpdate'),
  })
  expect(uses.map(({ action, allowed }) => [action, allowed])).toEqual([
    ['dynamodb:PartiQLInsert', true],
    ['dynamodb:PartiQLUpdate', false],
    ['dynamodb:PartiQLInsert', false],
  ])
  expect(asked).toEqual([])
})

it('denies what it does not know, and says so', async () => {
  const headers = {
    authorization: 'AWS4-HMAC-SHA256 Credential=order-api/20261121/eu-west-1/dynamodb/aws4_request, Signature=x',
    'x-amz-target': 'DynamoDB_20120810.ImportTable',
  }
  const answer = await fetch(gate.url, { method: 'POST', headers, body: '{}' })
  expect(answer.status).toBe(400)
  expect(outgoing).toEqual([expect.stringMatching(/^order-api: .*DynamoDB_20120810\.ImportTable/)])
  expect(uses).toMatchObject([{ action: 'dynamodb:ImportTable', resource: '*', allowed: false }])
  expect(asked).toEqual([])
})
