import { describe, expect, it } from 'vitest'
import { pendingOf } from '#engine/catalog/catalog.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { libraryFor } from '../../example/library.ts'

const read = (how: Parameters<typeof libraryFor>[0]) => readCatalog(libraryFor(how))
const fn = (name: string, how: Parameters<typeof libraryFor>[0]) => read(how).functions.find(one => one.name === name)

describe('one domain, wired in three ways', () => {
  it('has its topics by the wiring alone', () => {
    expect(read('orchestration').topics).toEqual([
      'books-commands',
      'books-events',
      'loans-commands',
      'loans-events',
      'saga-control',
    ])
    expect(read('choreography').topics).toEqual(['books', 'loans'])
    expect(read('event-sourcing').topics).toEqual(['saga-commands', 'saga-control', 'saga-events'])
  })

  it('drives its saga by the events of the topic, by nothing, or by those of the store', () => {
    const drivenBy = (how: Parameters<typeof libraryFor>[0]) => {
      const found = fn('lending-saga', how)
      return found && [found.sources.map(({ topic }) => topic), found.streams.map(({ name }) => name)]
    }
    expect(drivenBy('orchestration')).toEqual([['books-events', 'loans-events', 'saga-control'], []])
    expect(drivenBy('choreography')).toBeUndefined()
    expect(drivenBy('event-sourcing')).toEqual([['saga-control'], ['loan-events']])
  })

  it('looks for what waits by the saga, which an event store wakes', () => {
    const pending = (how: Parameters<typeof libraryFor>[0]) =>
      pendingOf(libraryFor(how)).map(({ sagas, byEventStore }) => ({ sagas, byEventStore }))
    expect(pending('orchestration')).toEqual([{ sagas: ['lending'], byEventStore: false }])
    expect(pending('event-sourcing')).toEqual([{ sagas: ['lending'], byEventStore: true }])
    expect(fn('sweeper', 'event-sourcing')).toMatchObject({
      publishesTo: ['saga-control'],
      findsWithoutSaga: ['loans'],
    })
  })
})
