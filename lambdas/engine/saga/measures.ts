/** What a saga's commits add to the metrics: its beginning and its end, and how long each step took. Pure. */
import type { Measure } from '../model/ports.ts'
import { placeOf } from './transitions.ts'
import type { SagaDefinition } from './builder.ts'
import { isClosed, readTimeline, type SagaState, type SagaStatus } from './state.ts'

/** Dimensions: the saga's name, for latencies the step and what was done about it (`do`, `undo` …). Latencies in milliseconds. */
export function sagaMeasures(definition: SagaDefinition, before: SagaState | undefined, after: SagaState): Measure[] {
  const saga = { saga: definition.name }
  const counts = [
    ...(before ? [] : ['sagasStarted']),
    ...(before?.status === after.status ? [] : reached(after.status)),
  ]
  return [
    ...counts.map((name): Measure => ({ name, value: 1, unit: 'Count', dimensions: saga })),
    ...(before && isElsewhere(before, after)
      ? [latency('stepLatency', after.updatedAt - stepBegan(definition, before), { ...saga, step: stepOf(before) })]
      : []),
    ...(isClosed(after) && !(before && isClosed(before))
      ? [latency('timeToTerminal', after.updatedAt - after.startedAt, saga)]
      : []),
  ]
}

const ENDS: Readonly<Partial<Record<SagaStatus, string>>> = {
  COMPLETED: 'sagasCompleted',
  ABORTED: 'sagasAborted',
  STUCK: 'sagasStuck',
}
const reached = (status: SagaStatus) => {
  const name = ENDS[status]
  return name === undefined ? [] : [name]
}

const isElsewhere = (before: SagaState, after: SagaState) =>
  isClosed(after) || before.step !== after.step || before.doing !== after.doing
const stepOf = ({ step, doing }: SagaState) => (doing === 'do' ? step : `${doing} ${step}`)

const latency = (name: string, value: number, dimensions: Measure['dimensions']): Measure => ({
  name,
  value: Math.max(0, value),
  unit: 'Milliseconds',
  dimensions,
})

/** When the saga came to where it is, by its timeline: a retry and a time as STUCK belong to the same step. */
function stepBegan(definition: SagaDefinition, state: SagaState): number {
  const here = placeOf(definition, { ...state, status: state.doing === 'do' ? 'RUNNING' : 'COMPENSATING' })
  const entries = readTimeline(state.timeline)
  const left = entries.findLastIndex(([, , , place]) => place !== here && place !== 'STUCK')
  return state.startedAt + (entries[left + 1]?.[0] ?? 0)
}
