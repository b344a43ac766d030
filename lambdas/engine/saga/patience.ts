import type { SagaState } from './state.ts'

/** Times a command's own time, at most. */
const PATIENCE_MAX = 4

/**
 * What takes something back is asked for less often the longer it takes: a provider that is away for a quarter of an hour
 * makes no saga STUCK. The way forward is bounded by the saga's deadline, so there a step waits as long as it says.
 */
export const patience = ({ doing }: Pick<SagaState, 'doing'>, attempt: number): number =>
  doing === 'do' ? 1 : Math.min(2 ** (attempt - 1), PATIENCE_MAX)
