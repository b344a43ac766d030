/** The name of a saga's orchestrator: its function, the first part of its messages' ids, the end of their source. */
const ENDING = '-saga'

export const orchestratorOf = (saga: string) => `${saga}${ENDING}`

/** Whether this names an orchestrator: `order-saga`, `/recourse/order-saga`. */
export const isOrchestrator = (name: string) => name.endsWith(ENDING)
