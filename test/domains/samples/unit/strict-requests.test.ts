/** Every published route against what it does not know, what is given twice, and what is no text. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { createApi } from '#engine/http/api.ts'
import { serve } from '#engine/http/route.ts'
import { lambdaHandler } from '#engine/http/lambda.ts'
import { operationsOf, pathOf } from '../../../support/authorization.ts'
import { gatewayTo, proxyEvent, recordedLog } from '../../../support/http.ts'
import { somebodies } from '../../../support/identities.ts'
import type { JsonSchema, Operation } from '../../../support/published-api.ts'
import { sampleOf } from '../../../support/schema-values.ts'
import { wholeApi, type WholeApi } from '../whole-api.ts'

const key = new Uint8Array(randomBytes(32))
let api: WholeApi
let tokens: Awaited<ReturnType<typeof somebodies>>
beforeAll(async () => {
  api = await wholeApi('event-sourcing', key)
  tokens = await somebodies(key)
})
afterAll(async () => {
  expect(api.complaints).toEqual([])
  await api.stop()
})

interface Answer {
  readonly status: number
  readonly fields: readonly string[]
  readonly detail: string
}

async function ask(operation: Operation, { path = pathOf(operation, api.fixtures), query = '', body = '' }) {
  const { callers, method } = operation
  const authorization = tokens[callers === 'operators' ? 'operator' : 'owner']
  const answer = await fetch(`${api.url}${path}${query}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(method === 'POST' && { body }),
  })
  const { errors = [], detail = '' } = (await answer.json()) as { errors?: { field: string }[]; detail?: string }
  return { status: answer.status, fields: errors.map(({ field }) => field), detail } satisfies Answer
}

/** A body that fits, and where its objects with known fields are: `['', 'price']`. */
const bodyOf = ({ body }: Operation) => (body ? (sampleOf(body) as Record<string, unknown>) : {})
function objectsIn(schema: JsonSchema, path: readonly string[] = []): (readonly string[])[] {
  if (!schema['properties']) return []
  const inner = Object.entries(schema['properties'] as Record<string, JsonSchema>)
  return [path, ...inner.flatMap(([name, of]) => objectsIn(of, [...path, name]))]
}

/** `body` with one more field in the object at `path`, which is there with all that it needs. */
function withField(operation: Operation, path: readonly string[], name: string, value: unknown) {
  const whole = structuredClone(bodyOf(operation))
  let at: Record<string, unknown> = whole
  for (const part of path) at = (at[part] ??= {}) as Record<string, unknown>
  at[name] = value
  return JSON.stringify(whole)
}

const strict = operationsOf('event-sourcing').filter(({ path }) => path !== '/health')
const posts = strict.filter(({ method }) => method === 'POST')

describe.each(strict)('$method $path', operation => {
  test.each(['limti', 'statu', 'only[reason]', '__proto__', 'constructor', 'Limit'])(
    'refuses the query %s, and names it',
    async name => {
      const answer = await ask(operation, { query: `?${encodeURIComponent(name)}=1` })
      expect(answer).toMatchObject({ status: 400, fields: [name] })
    },
  )

  test('refuses half a character in the query', async () => {
    for (const query of ['?status=%ED%A0%BD', '?status=%FF', '?status=%EF%BF%BD'])
      expect(await ask(operation, { query })).toMatchObject({ status: 400, fields: ['status'] })
  })
})

describe.each(strict.filter(({ path }) => path.includes('{')))('the path of $method $path', operation => {
  test('has no half a character in any of its parameters', async () => {
    for (const [, name] of operation.path.matchAll(/\{(\w+)\}/g)) {
      const path = operation.path.replace(`{${name}}`, '%EF%BF%BD').replaceAll(/\{\w+\}/g, 'x')
      expect(await ask(operation, { path })).toMatchObject({ status: 400, fields: [name] })
    }
  })
})

describe.each(posts)('the body of $method $path', operation => {
  const objects = operation.body ? objectsIn(operation.body) : [[]]

  test.each(objects.map(path => ({ in: path.join('.'), path })))('has no field that is not known: "$in"', async at => {
    const nested = at.path.map(part => `${part}.`).join('')
    for (const name of ['resaon!', '__proto__', 'toString', '']) {
      // An assignment to `__proto__` would make no field.
      const body = withField(operation, at.path, 'PLACE', 1).replace('"PLACE"', JSON.stringify(name))
      const { status, fields } = await ask(operation, { body })
      expect([status, fields]).toEqual([400, expect.arrayContaining([`${nested}${name}` || 'body'])])
    }
    expect((await ask(operation, { body: withField(operation, at.path, 'x', '\ud83d') })).status).toBe(400)
  })

  test('has no text that is none: every one, and every name', async () => {
    for (const body of ['{"x":"\\ud83d"}', '{"x":["a","\\udc00b"]}', '{"x":{"y":{"\\ud83dz":1}}}']) {
      const { status, fields } = await ask(operation, { body })
      expect([status, fields.length]).toEqual([400, 1])
    }
  })
})

test.each([
  ['{"topic":"products-commands","only":{"resaon":"NOT_JSON"},"reason":"x"}', 'only.resaon', 'did you mean reason?'],
  ['{"topc":"products-commands","reason":"x","all":true}', 'topc', 'did you mean topic?'],
  ['{"topic":"products-commands","reason":"x","only":{"Reason":"NOT_JSON"}}', 'only.Reason', 'did you mean reason?'],
  ['{"topic":"products-commands","reason":"x","dryRun":true}', 'dryRun', 'known here: reason, topic, all'],
  ['{"topic":"products-commands","reason":"x","only":{"reason":"A"},"only":{}}', 'only', 'more than once'],
])('a redrive of %s redrives nothing', async (body, field, outgoing) => {
  const operation = posts.find(({ path }) => path === '/dead-letters/redrive') as Operation
  const { status, fields, detail } = await ask(operation, { body })
  expect({ status, fields }).toEqual({ status: 400, fields: [field] })
  expect(detail).toContain(outgoing)
})

test.each([
  ['/dead-letters', 'status', '?status=WAITING&status=REDRIVEN'],
  ['/sagas', 'status', '?status=STUCK&saga=order&status=STUCK'],
  ['/orders', 'limit', '?limit=1&limit=100'],
])('GET %s refuses a %s that is given twice', async (path, name, query) => {
  const operation = strict.find(operation => operation.method === 'GET' && operation.path === path) as Operation
  expect(await ask(operation, { query })).toMatchObject({ status: 400, fields: [name] })
})

describe('a route', () => {
  const routes = {
    make: {
      method: 'POST',
      path: '/things/{id}',
      callers: 'anyone',
      headers: [{ name: 'Idempotency-Key', description: '', schema: z.string() }],
      body: z.object({
        lines: z.array(z.object({ id: z.string() })),
        any: z.record(z.string(), z.unknown()).optional(),
      }),
    },
    touch: { method: 'POST', path: '/things/{id}/touch', callers: 'anyone' },
  } as const
  const app = serve(createApi(recordedLog()), routes, {
    make: async c => {
      const { readBody } = await import('#engine/http/body.ts')
      return c.json(await readBody(c, routes.make.body))
    },
    touch: c => c.json({}),
  })
  const call = gatewayTo(app)
  const make = { method: 'POST', path: '/things/1' }
  const fieldsOf = async (...of: Parameters<typeof call>) => {
    const { status, body } = await call(...of)
    return [status, body.errors?.map(({ field }: { field: string }) => field)]
  }

  test('names each field in a list, and leaves free what is declared as free', async () => {
    const body = { lines: [{ id: 'a' }, { id: 'b', ID: 'c' }], any: { thing: { goes: [1] } } }
    expect(await fieldsOf({ ...make, body })).toEqual([400, ['lines[1].ID']])
    expect((await call({ ...make, body: { ...body, lines: [] } })).status).toBe(200)
  })

  test('without a body takes none, or an empty object', async () => {
    const touch = { method: 'POST', path: '/things/1/touch' }
    for (const how of [{}, { raw: '' }, { raw: '{}' }]) expect((await call({ ...touch, ...how })).status).toBe(200)
    expect(await fieldsOf({ ...touch, body: { reason: 'x' } })).toEqual([400, ['reason']])
    for (const raw of ['[]', '"x"', 'text', 'x'.repeat(70_000)])
      expect(await fieldsOf({ ...touch, raw })).toEqual([400, ['body']])
  })

  test('names a text that is none where it stands, however it came', async () => {
    const raw = '{"lines":[{"id":"\\ud83d"}],"any":{"b\\udc00":"\\ud83d"}}'
    expect(await fieldsOf({ ...make, raw })).toEqual([400, ['lines[0].id', 'any.b\ufffd', 'any.b\ufffd']])
    expect(await fieldsOf({ ...make, raw: '{"lines":[{"id":"\ud83d"}]}' })).toEqual([400, ['lines[0].id']])
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'a\ud83d' }
    expect(await fieldsOf({ ...make, body: { lines: [] }, headers })).toEqual([400, ['Idempotency-Key']])
    const event = proxyEvent({ ...make, body: { lines: [] } })
    for (const path of ['/things/a\ud83d', '/things/%ED%A0%BD', '/things/%zz'])
      expect((await lambdaHandler(app)({ ...event, path })).body).toContain('"field":"id"')
  })

  test('refuses a number beyond all numbers, and a name that makes no field, where anything else is free', async () => {
    const anything = (any: string) => fieldsOf({ ...make, raw: `{"lines":[],"any":${any}}` })
    expect(await anything('{"a":[1e400]}')).toEqual([400, ['any.a[0]']])
    expect(await anything('{"a":-1e999,"b":{"__proto__":{"x":1}}}')).toEqual([400, ['any.a', 'any.b.__proto__']])
    const odd =
      '{"constructor":1,"toString":{"hasOwnProperty":"x"},"n":1E2,"z":-0,"long":12345678901234567890123456789012345678}'
    const { status, body } = await call({ ...make, raw: `{"lines":[],"any":${odd}}` })
    expect([status, JSON.stringify(body.any)]).toEqual([200, JSON.stringify(JSON.parse(odd))])
  })

  test('refuses a header with what HTTP has no place for', async () => {
    for (const key of ['a\0b', 'a\nb', '\u007f\r']) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': key, 'not a name': 'x', '': 'y' }
      expect(await fieldsOf({ ...make, body: { lines: [] }, headers })).toEqual([400, ['Idempotency-Key']])
    }
  })

  test('refuses what is nested without an end, and does not fail over it', async () => {
    const deep = (open: string, close: string) => `{"any":${open.repeat(5_000)}1${close.repeat(5_000)}}`
    expect(await fieldsOf({ ...make, raw: deep('[', ']') })).toEqual([400, ['any']])
    expect(await fieldsOf({ ...make, raw: deep('{"a":', '}') })).toEqual([400, ['any']])
  })
})
