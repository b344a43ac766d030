import { expect, test } from 'vitest'
import { createApi } from '#engine/http/api.ts'
import { identityOf } from '#engine/http/identity.ts'
import { lambdaHandler } from '#engine/http/lambda.ts'
import { waitSecondsOf } from '#engine/http/prefer.ts'
import { proxyEvent, recordedLog } from '../../support/http.ts'

const app = createApi(recordedLog())
app.all('/echo/:id', async c =>
  c.json({
    id: c.req.param('id'),
    query: c.req.queries(),
    headers: c.req.header(),
    body: await c.req.text(),
    identity: c.var.identity,
  }),
)
const handler = lambdaHandler(app)
const echo = async (event: Parameters<typeof handler>[0]) =>
  JSON.parse((await handler(event)).body) as Record<string, unknown> & { headers: Record<string, string> }

test('hands on the path, the query, the headers and the user', async () => {
  const event = proxyEvent({ path: '/echo/a%20b?x=1', sub: 'alice', groups: 'operators', headers: { 'X-One': 'eins' } })
  expect(await echo(event)).toMatchObject({
    id: 'a b',
    query: { x: ['1'] },
    headers: { 'x-one': 'eins' },
    identity: { sub: 'alice', operator: true },
  })
})

test('takes what API Gateway sends in several values', async () => {
  const event = {
    ...proxyEvent({ path: '/echo/a' }),
    multiValueQueryStringParameters: { x: ['1', '2 & 3'] },
    multiValueHeaders: { prefer: ['wait=5', 'respond-async'] },
  }
  expect(await echo(event)).toMatchObject({
    query: { x: ['1', '2 & 3'] },
    headers: { prefer: 'wait=5, respond-async' },
  })
})

test('decodes a body in base64, and leaves out that of a GET', async () => {
  const event = proxyEvent({ method: 'POST', path: '/echo/a', raw: Buffer.from('grüße').toString('base64') })
  expect(await echo({ ...event, isBase64Encoded: true })).toMatchObject({ body: 'grüße' })
  expect(await echo(proxyEvent({ method: 'GET', path: '/echo/a', raw: 'ignored' }))).toMatchObject({ body: '' })
})

test('a header that is no bytes does not break the request', async () => {
  const event = proxyEvent({ path: '/echo/a', headers: { 'x-note': 'ключ' } })
  const { headers } = await echo(event)
  expect(Buffer.from(headers['x-note'] ?? '', 'latin1').toString('utf8')).toBe('ключ')
})

test.each([
  ['/v1/echo/a', '/v1/made/1'],
  ['/echo/a', '/made/1'],
  [undefined, '/made/1'],
])('a Location can be followed where the API was asked as %s', async (path, location) => {
  const made = createApi(recordedLog())
  made.post('/echo/:id', c => {
    c.header('location', '/made/1')
    return c.json({}, 201)
  })
  const event = proxyEvent({ method: 'POST', path: '/echo/a' })
  const requestContext = { ...event.requestContext, ...(path !== undefined && { path }) }
  expect((await lambdaHandler(made)({ ...event, requestContext })).headers['location']).toBe(location)
})

test.each([
  ['operators', true],
  ['customers,operators', true],
  ['[customers operators]', true],
  ['', false],
  ['operators-not', false],
  [undefined, false],
])('groups %j are an operator: %s', (groups, operator) => {
  expect(identityOf({ sub: 'a', 'cognito:groups': groups })).toEqual({ sub: 'a', operator })
})

test.each([
  [undefined, 0],
  ['wait=5', 5],
  ['respond-async, wait=7; x=1', 7],
  ['WAIT = "3"', 3],
  ['wait=21', 20],
  ['wait=0', 0],
  ['wait=1.5', 0],
  ['await=5', 0],
])('Prefer: %s waits %d s', (prefer, seconds) => {
  expect(waitSecondsOf(prefer)).toBe(seconds)
})
