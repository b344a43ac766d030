/**
 * Stands in a bundle for `@smithy/core/event-streams`, which the SDK's clients load for answers that come in parts: 15 KB,
 * and no call of ours has such an answer.
 */
function leftOut(): never {
  throw new Error('@smithy/core/event-streams is left out of the bundle: no call that Recourse makes answers in parts')
}

export { leftOut as EventStreamSerde, leftOut as eventStreamSerdeProvider }
