import { describe, expect, it } from 'vitest'
import { createRouter } from '../../../../localstack/runtime/gateway/routes.ts'

const find = createRouter([
  { method: 'POST', path: '/dead-letters/{id}' },
  { method: 'POST', path: '/dead-letters/redrive' },
  { method: 'GET', path: '/sagas/{saga}/{id}' },
  { method: 'POST', path: '/sagas/{saga}/{id}' },
])

describe('finding a route', () => {
  it('prefers a written segment to a parameter', () => {
    expect(find('POST', '/dead-letters/redrive')).toMatchObject({ route: { path: '/dead-letters/redrive' } })
    expect(find('POST', '/dead-letters/x')).toMatchObject({
      route: { path: '/dead-letters/{id}' },
      params: { id: 'x' },
    })
  })
  it('tells a wrong method from a wrong path', () => {
    expect(find('PUT', '/sagas/order/o1')).toEqual({ kind: 'other-method', allowed: ['GET', 'POST'] })
    expect(find('GET', '/sagas/order')).toEqual({ kind: 'nothing' })
    expect(find('GET', '/sagas//o1')).toEqual({ kind: 'nothing' })
    expect(find('GET', '/sagas/%/o1')).toEqual({ kind: 'malformed' })
  })
})
