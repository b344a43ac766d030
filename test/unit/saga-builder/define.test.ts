import { nothing, saga, SagaDefinitionError } from '#engine/saga/builder.ts'
import { hours, minutes, seconds } from '#engine/saga/durations.ts'
import { describe, expect, it } from 'vitest'
import * as m from './messages.ts'
import { tripSaga } from './trip.ts'

const begin = (about: Partial<Parameters<typeof saga<typeof m.TripAsked>>[1]> = {}) =>
  saga('trip', { version: 1, startsWith: m.TripAsked, deadline: minutes(15), ...about })
const fly = {
  send: (trip: { to: string }) => ({ to: trip.to }),
  done: { FlightBooked: nothing },
  refused: { FlightFull: () => 'FULL' },
}
const step = (name: string) => tripSaga.steps.find(step => step.name === name)

describe('a definition', () => {
  it('knows its key, its deadline in seconds and where its history is kept', () => {
    expect(tripSaga).toMatchObject({
      name: 'trip',
      version: 3,
      key: 'tripId',
      startsWith: m.TripAsked,
      deadlineSeconds: 5400,
    })
    expect(tripSaga.history).toEqual({
      table: 'trips-history',
      started: 'ASKED',
      completed: 'BOOKED',
      aborting: 'DENIED',
    })
  })

  it('has its steps in order, each with its kind', () => {
    expect(tripSaga.steps.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'step announce',
      'step fly',
      'step sleep-over',
      'pivot charge',
      'retriable send-voucher',
    ])
    expect(tripSaga.abort?.name).toBe('deny')
  })

  it('keeps the limits that it was given', () => {
    expect(step('fly')).toMatchObject({ withinSeconds: 30, attemptsMax: 2 })
    expect(step('fly')?.undo).toMatchObject({ withinSeconds: 120, attemptsMax: 4 })
  })

  it('gives a step and the pivot 60 seconds and 3 attempts, and 10 to what must be done in the end', () => {
    expect(step('sleep-over')).toMatchObject({ withinSeconds: 60, attemptsMax: 3 })
    expect(step('charge')).toMatchObject({ withinSeconds: 60, attemptsMax: 3 })
    for (const sure of [step('sleep-over')?.undo, step('charge')?.settle, step('send-voucher'), tripSaga.abort])
      expect(sure).toMatchObject({ withinSeconds: 60, attemptsMax: 10 })
  })

  it('says how each step is undone, and leaves out where there is nothing to undo', () => {
    expect(step('announce')?.undo).toBeUndefined()
    expect(step('fly')?.undo).toMatchObject({
      command: m.CancelFlight,
      onItsOwnAfter: ['FlightFull'],
      evenIfRefused: false,
    })
    expect(step('sleep-over')?.undo).toMatchObject({ command: m.CancelRoom, onItsOwnAfter: [], evenIfRefused: true })
    expect(step('charge')).toMatchObject({ settle: { command: m.VoidCard } })
    expect(step('charge')?.undo).toBeUndefined()
  })

  it('has functions that work on plain data', () => {
    const state = { tripId: 't1', from: 'A', to: 'B', abortedBecause: 'FULL' }
    expect(step('fly')?.send(state)).toEqual({ to: 'B' })
    expect(step('fly')?.done['FlightBooked']?.({ tripId: 't1', seat: '2C' }, state)).toEqual({ seat: '2C' })
    expect(step('fly')?.refused['FlightFull']?.({ tripId: 't1' }, state)).toBe('FULL')
    expect(step('fly')?.undo?.send(state)).toEqual({})
    expect(tripSaga.abort?.send(state)).toEqual({ why: 'FULL' })
  })

  it('ends a step when its command is sent, where nobody answers', () => {
    expect(step('announce')).toMatchObject({ done: {}, refused: {} })
  })

  it('shares nothing with another that began alike', () => {
    const alike = begin().step('fly', m.BookFlight, fly)
    const undone = alike.undo(m.CancelFlight, {}).build()
    const left = alike.nothingToUndo().build()
    expect(undone.steps[0]?.undo).toBeDefined()
    expect(left.steps[0]?.undo).toBeUndefined()
  })

  it('keeps its history elsewhere if told', () => {
    const elsewhere = begin({ history: { started: 'ASKED', table: 'journeys' } })
      .pivot('fly', m.BookFlight, fly)
      .build()
    expect(elsewhere.history).toEqual({ table: 'journeys', started: 'ASKED' })
  })
})

describe('the orchestrator as reactions', () => {
  const reactions = Object.fromEntries(
    tripSaga.reactions.map(({ on, publishes }) => [on.type, publishes.map(({ type }) => type)]),
  )

  it('goes forward on each done reply, and sends at once what nobody answers', () => {
    expect(reactions).toMatchObject({
      TripAsked: ['AnnounceTrip', 'BookFlight'],
      FlightBooked: ['BookRoom'],
      RoomBooked: ['ChargeCard'],
      CardCharged: ['SendVoucher'],
    })
  })

  it('goes back on each refusal, by way of everything that can be undone', () => {
    expect(reactions).toMatchObject({
      FlightFull: ['CancelFlight'],
      RoomFull: ['CancelRoom'],
      CardDeclined: ['CancelRoom'],
      CardVoided: ['CancelRoom'],
      RoomCancelled: ['CancelFlight'],
      FlightCancelled: ['DenyTrip'],
      TripDenied: [],
    })
  })

  it('is one function, named after the saga', () => {
    expect(new Set(tripSaga.reactions.map(({ by }) => by))).toEqual(new Set(['trip-saga']))
  })
})

describe('build refuses', () => {
  const cases: [what: string, build: () => unknown, says: string][] = [
    ['no step', () => begin().build(), "Saga 'trip': it has no step: add one with .step(), .pivot() or .retriable()"],
    [
      'version 0',
      () => begin({ version: 0 }).pivot('fly', m.BookFlight, fly).build(),
      "Saga 'trip': version 0: give it a whole number from 1",
    ],
    [
      'half a version',
      () => begin({ version: 1.5 }).pivot('fly', m.BookFlight, fly).build(),
      'version 1.5: give it a whole number from 1',
    ],
    [
      'no time at all',
      () =>
        begin({ deadline: seconds(0) })
          .pivot('fly', m.BookFlight, fly)
          .build(),
      'deadline of 0 seconds: give it a time after its beginning',
    ],
    [
      'a deadline that is no number',
      () =>
        begin({ deadline: hours(Number.NaN) })
          .pivot('fly', m.BookFlight, fly)
          .build(),
      'deadline of NaN seconds',
    ],
    [
      'a name that no function can have',
      () =>
        saga('my trip', { version: 1, startsWith: m.TripAsked, deadline: minutes(1) })
          .pivot('fly', m.BookFlight, fly)
          .build(),
      'use letters, digits and dashes',
    ],
    [
      'a step name that cannot be spoken',
      () => begin().pivot('fly away', m.BookFlight, fly).build(),
      "step 'fly away': use letters, digits and dashes",
    ],
    [
      'less than a second',
      () =>
        begin()
          .pivot('fly', m.BookFlight, { ...fly, within: seconds(0.5) })
          .build(),
      "step 'fly' has 0.5 seconds for an attempt: give it at least seconds(1)",
    ],
    [
      'no attempt',
      () =>
        begin()
          .pivot('fly', m.BookFlight, { ...fly, attempts: 0 })
          .build(),
      "step 'fly' has 0 attempts: give it a whole number from 1",
    ],
    [
      'no attempt to undo',
      () => begin().step('fly', m.BookFlight, fly).undo(m.CancelFlight, { attempts: 0 }).build(),
      "the undo of step 'fly' has 0 attempts",
    ],
    [
      'no time to settle',
      () =>
        begin()
          .pivot('fly', m.BookFlight, fly)
          .ifUnknown(m.CancelFlight, { within: seconds(0) })
          .build(),
      "the settling of step 'fly' has 0 seconds",
    ],
    [
      'no attempt to abort',
      () =>
        begin()
          .pivot('fly', m.BookFlight, fly)
          .onAbort('deny', m.DenyTrip, { send: () => ({ why: '' }), attempts: -1 })
          .build(),
      "the abort 'deny' has -1 attempts",
    ],
    [
      'two steps that wait for one reply',
      () =>
        begin().step('out', m.BookFlight, fly).nothingToUndo().step('home', m.BookFlight, fly).nothingToUndo().build(),
      "FlightBooked could be taken for the reply of step 'out' or of step 'home': give the two commands replies of different types",
    ],
    [
      'two steps that are undone by one command',
      () =>
        begin()
          .step('fly', m.BookFlight, fly)
          .undo(m.CancelFlight, {})
          .pivot('sleep', m.BookRoom, { done: { RoomBooked: nothing }, refused: { RoomFull: () => '' } })
          .ifUnknown(m.CancelFlight, {})
          .build(),
      "FlightCancelled could be taken for the reply of the undo of step 'fly' or of the settling of step 'sleep'",
    ],
    [
      'a saga that begins with one of its replies',
      () =>
        saga('trip', { version: 1, startsWith: m.FlightCancelled, deadline: minutes(1) })
          .step('sleep', m.BookRoom, { done: { RoomBooked: nothing }, refused: { RoomFull: () => '' } })
          .undo(m.CancelFlight, {})
          .build(),
      "it begins with FlightCancelled, which is also a reply of the undo of step 'sleep'",
    ],
  ]
  it.each(cases)('%s', (_, build, publishes) => {
    expect(build).toThrow(SagaDefinitionError)
    expect(build).toThrow(publishes)
  })

  // What types refuse, a file that was not compiled can still say.
  it('two steps of one name', () => {
    const name: string = 'fly'
    const twice = begin()
      .step(name as 'fly', m.BookFlight, fly)
      .nothingToUndo()
    expect(() =>
      twice
        .pivot(name as 'other', m.ChargeCard, { done: { CardCharged: nothing }, refused: { CardDeclined: () => '' } })
        .build(),
    ).toThrow("there are two steps 'fly': give each a name of its own")
  })

  it('a reply that is not handled', () => {
    const half = { ...fly, refused: {} } as typeof fly
    expect(() => begin().pivot('fly', m.BookFlight, half).build()).toThrow(
      "step 'fly' does not handle FlightFull, which BookFlight lists as refused: add it under refused",
    )
  })

  it('a reply that the contract does not have', () => {
    const more = { ...fly, done: { ...fly.done, RoomBooked: nothing } } as typeof fly
    expect(() => begin().pivot('fly', m.BookFlight, more).build()).toThrow(
      "step 'fly' handles RoomBooked, which BookFlight does not list as done",
    )
  })

  it('nothing where a refusal and the abort say the same: there is nothing left to do', () => {
    const denied = { ...m.BookRoom, refused: [m.TripDenied] } as unknown as typeof m.BookRoom
    const saga = begin()
      .pivot('sleep', denied, { done: { RoomBooked: nothing }, refused: { TripDenied: () => 'DENIED' } as never })
      .onAbort('deny', m.DenyTrip, { send: () => ({ why: '' }) })
    expect(saga.build().steps).toHaveLength(1)
  })
})
