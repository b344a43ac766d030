import type { SagaState } from './state.ts'

/** Times a command's own time, from the second attempt on. */
const PATIENCE = 2

/**
 * What takes something back is asked for at first in time, then half as often: a provider that is away for a quarter of an
 * hour makes no saga STUCK. The way forward is bounded by the saga's deadline, so there a step waits as long as it says.
 */
export const patience = ({ doing }: Pick<SagaState, 'doing'>, attempt: number): number =>
  doing === 'do' || attempt === 1 ? 1 : PATIENCE
