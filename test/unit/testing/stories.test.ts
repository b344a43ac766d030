/** The test kit's stories: what each step does, and that each expectation fails where it should, and says why. */
import { AssertionError } from 'node:assert'
import { describe, expect, it } from 'vitest'
import { given, message, minutes, seconds } from '#engine/testing'
import * as p from './parcel.ts'

const { parcels, left } = p
const posting = () => given(parcels, undefined, left(1)).when(p.ParcelPostCommand, { weight: 2 })

describe('a story of a service', () => {
  it('goes through an outside call, and is the same when the command comes again', () => {
    posting()
      .thenCalls('post', { weight: 2 })
      .thenPublishesNothing()
      .thenState({ status: 'INTENT' })
      .answered('track-1')
      .thenPublishes(p.ParcelPostedEvent, { trackingId: 'track-1' }, { id: 'parcel:s1.2.0' })
      .again()
      .thenPublishes(p.ParcelPostedEvent, { trackingId: 'track-1' }, { id: 'parcel:s1.2.0' })
  })

  it('keeps what a commit changes in other items', () => {
    posting()
      .thenChangesAlongside({
        kind: 'add',
        ref: { table: 'days', key: { day: 'today' } },
        add: { left: -1 },
        atLeast: { left: 1 },
      })
      .when(p.ParcelPostCommand, { weight: 3 })
      .thenPublishes(p.ParcelRefusedEvent, { reason: 'FULL' })
  })

  it('leaves a step as it is, so that two stories begin alike', () => {
    const one = posting()
    one.answered('track-1').thenState({ status: 'POSTED' })
    one.when(p.ParcelCallBackCommand, {}).thenState({ status: 'CALLED_BACK' })
    one.thenState({ status: 'INTENT' })
  })

  it('folds several messages of one batch into one commit', () => {
    const both = given(parcels, { status: 'POSTED' })
      .whenTogether(message(p.ParcelPostCommand, { weight: 1 }), message(p.ParcelCallBackCommand, {}))
      .thenPublishes(p.ParcelCalledBackEvent, {})
    expect(both.decision.fates.map(({ fate }) => fate)).toEqual(['ignored', 'committed'])
  })

  it('knows a refusal, what is ignored, and a bug', () => {
    const posted = given(parcels, { status: 'POSTED' }, left(1))
    posted.when(p.ParcelPostCommand, { weight: 1 }).thenIgnores('it is posted').thenNothingHappened()
    given(parcels).when(p.ParcelPostCommand, { weight: 14 }).thenRefuses('no such weight')
    expect(() => given(parcels).when(p.ParcelPostCommand, { weight: 13 })).toThrow('a bug in the rules')
  })
})

describe('an expectation that does not hold', () => {
  it.each([
    ['another message', () => posting().thenPublishes(p.ParcelPostedEvent)],
    ['a message where there is none', () => posting().answered('t').thenPublishesNothing()],
    ['another body', () => posting().answered('t').thenPublishes(p.ParcelPostedEvent, { trackingId: 'u' })],
    ['another id', () => posting().answered('t').thenPublishes(p.ParcelPostedEvent, undefined, { id: 'x' })],
    [
      'one of two messages',
      () => posting().answered('t').thenPublishesAll(message(p.ParcelPostedEvent), message(p.ParcelPostedEvent)),
    ],
    ['another call', () => posting().thenCalls('fetch')],
    ['another request', () => posting().thenCalls('post', { weight: 3 })],
    ['a call that was never made', () => posting().answered('t').answered('t')],
    ['another state', () => posting().thenState({ status: 'POSTED' })],
    ['no change of other items', () => posting().thenChangesAlongside()],
    ['a refusal', () => posting().thenRefuses()],
    ['a message that is ignored', () => posting().thenIgnores()],
    ['nothing, while there is a commit', () => posting().thenNothingHappened()],
    [
      'nothing, while there is an answer',
      () => given(parcels).when(p.ParcelPostCommand, { weight: 1 }).thenNothingHappened(),
    ],
    [
      'nothing, while it is refused',
      () => given(parcels).when(p.ParcelPostCommand, { weight: 14 }).thenNothingHappened(),
    ],
    [
      'another reason to ignore it',
      () => given(parcels, { status: 'POSTED' }).when(p.ParcelPostCommand, { weight: 1 }).thenIgnores('?'),
    ],
  ])('%s: fails, with the story', (_, story) => {
    expect(story).toThrow(AssertionError)
    expect(story).toThrow('What happened to parcel s1:\n  ParcelPostCommand: ')
  })

  it('shows the difference', () => {
    const story = () => posting().answered('t').thenPublishes(p.ParcelPostedEvent, { trackingId: 'u' })
    expect(story).toThrow("+       trackingId: 't'\n-       trackingId: 'u'")
  })
})

describe('a message that can’t be', () => {
  it('given to who does not handle it, names what it handles', () => {
    expect(() => given(parcels).when(p.ParcelWantedEvent, { weight: 1 })).toThrow(
      'parcel does not handle ParcelWantedEvent: it handles ParcelPostCommand, ParcelCallBackCommand',
    )
  })

  it('is refused by its contract before a rule sees it', () => {
    expect(() => given(parcels).when(p.ParcelPostCommand, { weight: -1 })).toThrow(
      'the test sends a ParcelPostCommand that its contract refuses: ParcelPostCommand: data.weight: Too small',
    )
  })

  it('is refused where it is published, though its type is right', () => {
    const story = () =>
      given(p.parcelThatRefuses('a reason that is much too long')).when(p.ParcelPostCommand, { weight: 1 })
    expect(story).toThrow(/data.reason: Too big|ParcelRefusedEvent/)
  })

  it('does not compile', () => {
    const never = () => {
      // @ts-expect-error a field is missing
      given(parcels).when(p.ParcelPostCommand, {})
      // @ts-expect-error another type
      given(parcels).when(p.ParcelPostCommand, { weight: '2' })
      // @ts-expect-error a typo
      given(parcels).when(p.ParcelPostCommand, { weight: 2, wieght: 2 })
      // @ts-expect-error a typo in what is expected
      posting().thenPublishes(p.ParcelPostedEvent, { trackingID: 't' })
      // @ts-expect-error no such status
      posting().thenState({ status: 'LOST' })
      // @ts-expect-error no state of a parcel
      given(parcels, { status: 'LOST' })
      // @ts-expect-error a field is missing in a batch
      message(p.ParcelPostCommand, {})
    }
    expect(never).toBeTypeOf('function')
  })
})

describe('a story of a saga', () => {
  const wanted = () => given(p.parcelSaga, { sagaId: 'p1' }).started(p.ParcelWantedEvent, { weight: 2 })

  it('takes its replies, and ends', () => {
    wanted()
      .thenSends(p.ParcelPostCommand, { weight: 2 }, { id: 'parcel-saga:p1.1.0' })
      .replied(p.ParcelPostedEvent, { trackingId: 't' })
      .thenSendsNothing()
      .completed()
  })

  it('looks at deadlines once, however late it is, and not at all where that is asked for', () => {
    wanted().after(seconds(59)).thenNothingHappened()
    wanted().after(seconds(600)).thenSends(p.ParcelPostCommand)
    wanted().after(minutes(16)).thenSends(p.ParcelCallBackCommand)
    wanted().after(minutes(16), { sweep: false }).thenNothingHappened()
  })

  it('begins on an older version and goes on where the new one is deployed', () => {
    const both = given(p.parcelSaga, { older: [p.parcelSagaV1] })
    both.started(p.ParcelWantedEvent, { weight: 2 }).thenState({ definition: 2, step: 'post' })
    both
      .started(p.ParcelWantedEvent, { weight: 2 }, { on: 1 })
      .thenState({ definition: 1, step: 'send' })
      .replied(p.ParcelPostedEvent, { trackingId: 't' })
      .completed()
    expect(() => given(p.parcelSaga).started(p.ParcelWantedEvent, { weight: 2 }, { on: 1 })).toThrow(
      'parcel has no version 1 here: list it in `older`',
    )
  })

  it('fails where it ends otherwise, with the story', () => {
    const refused = wanted().replied(p.ParcelRefusedEvent, { reason: 'FULL' }).rolledBack('FULL')
    expect(() => refused.completed()).toThrow('ParcelRefusedEvent: committed')
    expect(() => refused.stuck()).toThrow(AssertionError)
    expect(() => refused.rolledBack('LATE')).toThrow("+   reason: 'FULL'")
    expect(() => refused.thenSends(p.ParcelCallBackCommand)).toThrow(AssertionError)
    expect(() => refused.thenWrites('REJECTED')).toThrow(AssertionError)
    expect(() => refused.thenAlarms()).toThrow(AssertionError)
    expect(() => refused.thenNothingHappened()).toThrow(AssertionError)
    refused.after(minutes(1)).replied(p.ParcelPostedEvent, { trackingId: 't' }).thenAlarms()
  })
})
