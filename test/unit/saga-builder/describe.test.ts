import { describe as describeSaga } from '#engine/saga/describe.ts'
import { mermaid } from '#engine/saga/saga-diagram.ts'
import { describe, expect, it } from 'vitest'
import { lendingSaga } from '../../example/library.ts'
import { expectWays } from '../../support/state-diagram.ts'
import { tripSaga } from './trip.ts'

describe('describe', () => {
  it('says all of a saga with one of everything', async () => {
    await expect(json(describeSaga(tripSaga))).toMatchFileSnapshot('snapshots/trip-description.txt')
  })
  it('is plain data: nothing is lost on the way through JSON', () => {
    expect(JSON.parse(json(describeSaga(tripSaga)))).toEqual(describeSaga(tripSaga))
  })
})

describe('mermaid', () => {
  it('draws a saga with one of everything', async () => {
    await expect(mermaid(tripSaga)).toMatchFileSnapshot('snapshots/trip.mmd')
  })
  it('gives every state a way on, and every state but the first a way in', () => {
    for (const saga of [lendingSaga, tripSaga]) expectWays(mermaid(saga))
  })
})

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
