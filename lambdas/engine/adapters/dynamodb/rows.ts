import { BatchWriteItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb'
import type { Row } from '../../model/ports.ts'
import { refId, requireKey, whyNoItem } from '../store-rules.ts'
import { asStoreError, retryable } from './errors.ts'
import { chunked, mapAtOnce, ROWS_MAX, untilDone } from './limits.ts'
import { toAttributes } from './marshal.ts'
import type { Connected } from './connected.ts'

/** Puts all rows; of two for one item the later one. Throws RetryableError; what can never be written throws before anything is. */
export async function putRows(to: Connected, rows: readonly Row[]): Promise<void> {
  const last = new Map<string, Row>()
  for (const row of rows) {
    const table = to.tableOf(row.ref.table)
    requireKey(row.ref, row.item)
    const why = whyNoItem(table, row)
    if (why) throw why
    last.set(refId(table, row.ref), row)
  }
  await mapAtOnce(chunked([...last.values()], ROWS_MAX), chunk => putChunk(to, chunk))
}

async function putChunk(to: Connected, rows: readonly Row[]): Promise<void> {
  const request: Record<string, WriteRequest[]> = {}
  for (const { ref, item } of rows)
    (request[to.physical(ref.table)] ??= []).push({ PutRequest: { Item: toAttributes(item) } })
  const round = async (left: Record<string, WriteRequest[]>) => {
    const { UnprocessedItems = {} } = await to.client
      .send(new BatchWriteItemCommand({ RequestItems: left }))
      .catch((error: unknown) => {
        throw asStoreError(error, 'write rows')
      })
    return Object.keys(UnprocessedItems).length > 0 ? UnprocessedItems : undefined
  }
  if (!(await untilDone(request, round, to.sleep))) throw retryable('UnprocessedItems', 'write all rows')
}
