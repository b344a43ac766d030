import type { Table } from '#engine/model/aggregate.ts'

/** What operators did to sagas, by whom and why. Kept as long as closed sagas are. */
export const sagaActionsTable: Table = { name: 'saga-actions', partition: 'actionId', expires: 'expiresAt' }
