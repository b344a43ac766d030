import type { Table } from '#engine/model/aggregate.ts'

/**
 * Every dead letter of every topic, and in items of their own (`<id>.0`, `<id>.1` …) the records that they are. `arrived`
 * is when it came, then `#` and its id, so that no two are the same. Dead letters are few, so an index has one partition
 * for each status; a saga's are found by `bySaga`.
 */
export const deadLettersTable: Table = {
  name: 'dead-letters',
  partition: 'id',
  indexes: [
    { name: 'byStatus', partition: 'status', sort: { name: 'arrived', type: 'string' } },
    { name: 'byTopic', partition: 'topicStatus', sort: { name: 'arrived', type: 'string' } },
    { name: 'bySaga', partition: 'sagaId', sort: { name: 'arrived', type: 'string' } },
  ],
  expires: 'expiresAt',
}
