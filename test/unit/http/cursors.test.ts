/** A cursor is one of the list that gave it: cut, changed, or of another query, owner, route or deployment it is 400. */
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { createApi } from '#engine/http/api.ts'
import { lambdaHandler } from '#engine/http/lambda.ts'
import { encodeCursor, readPage } from '#engine/http/paging.ts'
import { serve } from '#engine/http/route.ts'
import { readTime, time } from '#engine/model/time.ts'
import { proxyEvent, recordedLog } from '../../support/http.ts'

const Position = z.tuple([z.string(), z.number()])
const page = {
  method: 'GET',
  callers: 'anyone',
  pages: true,
  query: [{ name: 'status', description: '', schema: z.string() }],
} as const
const routes = { one: { ...page, path: '/ones' }, other: { ...page, path: '/others/{id}' } } as const
const give = async (c: Parameters<typeof readPage>[0]) => {
  const { after = ['begin', 0] } = readPage(c, Position)
  return c.json({ after, cursor: encodeCursor(c, ['naïve 😀', after[1] + 1]) })
}
const handler = lambdaHandler(serve(createApi(recordedLog()), routes, { one: give, other: give }))

interface Asked {
  readonly path?: string
  readonly sub?: string
  readonly apiId?: string
}
async function ask({ path = '/ones?status=a', sub = 'alice', apiId = 'api' }: Asked, cursor?: string) {
  const event = proxyEvent({ path: cursor === undefined ? path : `${path}&cursor=${encodeURIComponent(cursor)}`, sub })
  const { statusCode, body } = await handler({ ...event, requestContext: { ...event.requestContext, apiId } })
  return {
    status: statusCode,
    ...(JSON.parse(body) as { after: unknown; cursor: string; type: string; errors: unknown }),
  }
}
const INVALID = { status: 400, type: 'urn:recourse:problem:invalid-cursor', errors: [{ field: 'cursor' }] }

describe('A cursor', () => {
  let cursor: string
  beforeAll(async () => {
    cursor = (await ask({})).cursor
  })

  test('leads on where its list ended, whatever the limit is', async () => {
    expect(await ask({ path: '/ones?limit=7&status=a' }, cursor)).toMatchObject({ status: 200, after: ['naïve 😀', 1] })
  })
  test.each<[string, Asked]>([
    ['query', { path: '/ones?status=b' }],
    ['query without its filter', { path: '/ones?limit=20' }],
    ['route', { path: '/others/1?status=a' }],
    ['owner', { sub: 'bob' }],
    ['deployment', { apiId: 'another' }],
  ])('is none of another %s', async (_, asked) => {
    expect(await ask(asked, cursor)).toMatchObject(INVALID)
  })
  test('is none where any of it was changed, cut or added', async () => {
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('')
    const changed = fc
      .tuple(fc.nat(cursor.length - 1), fc.constantFrom(...characters))
      .map(([at, by]) => `${cursor.slice(0, at)}${by}${cursor.slice(at + 1)}`)
    const cut = fc.tuple(fc.nat(cursor.length), fc.nat(cursor.length)).map(([from, to]) => cursor.slice(from, to))
    const made = fc.oneof(
      fc.jsonValue().map(value => Buffer.from(JSON.stringify(value)).toString('base64url')),
      fc.string(),
    )
    const added = fc.constantFrom(...characters, '=', '%', '\0', ' ').map(more => `${cursor}${more}`)
    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, cut, made, added), async text => {
        fc.pre(text !== cursor)
        expect(await ask({}, text)).toMatchObject(INVALID)
      }),
      { numRuns: 500 },
    )
  })
})

describe('A time', () => {
  test.each([
    ['2026-11-21T10:00:00Z', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T10:00:00.123456789+02:00', '2026-11-21T08:00:00.123Z'],
    ['2026-11-21t10:00:00z', '2026-11-21T10:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2016-12-31T18:59:60.5-05:00', '2017-01-01T00:00:00.000Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s is %s', (text, utc) => expect(new Date(readTime(text) ?? Number.NaN).toISOString()).toBe(utc))

  test.each([
    '',
    '1',
    '2026',
    '2026-11-21',
    '2026-11-21T10:00:00',
    '2026-13-21T10:00:00Z',
    '2026-11-31T10:00:00Z',
    '+010000-01-01T00:00:00Z',
    '-000001-12-31T00:00:00Z',
    '9999-12-31T23:59:59-00:01',
    '0000-01-01T00:00:00+00:01',
    '2026-11-21T10:00:60Z',
    '2026-11-21T24:00:01Z',
    '2026-11-21T24:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-11-21T10:60:00Z',
    '10000-01-01T00:00:00Z',
    '9999-12-31T23:59:60Z',
    'yesterday',
  ])('%j is none', text => {
    expect(readTime(text)).toBeUndefined()
    expect(time.safeParse(text).success).toBe(false)
  })

  test('sorts as text in the order that it has, once it is in UTC', () => {
    const zone = fc.constantFrom('Z', '+14:00', '-23:59', '+23:59', '+00:00')
    const any = fc
      .tuple(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), zone)
      .map(([ms, of]) => new Date(ms).toISOString().replace('Z', of))
    fc.assert(
      fc.property(any, any, (a, b) => {
        const [one, other] = [readTime(a), readTime(b)]
        fc.pre(one !== undefined && other !== undefined)
        const [first, second] = [new Date(one).toISOString(), new Date(other).toISOString()]
        expect(first < second).toBe(one < other)
      }),
    )
  })
})
