import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, describe, expect, it } from 'vitest'
import { documentClient } from '#engine/adapters/dynamodb/documents.ts'
import { toStoredItem } from '#engine/adapters/dynamodb/documents.ts'
import { itemSizeBytes } from '#engine/adapters/item-size.ts'
import type { Item } from '#engine/model/ports.ts'
import { testDynamoDb, unique } from '../../support/servers.ts'
import { createTestTables } from '../../support/tables.ts'
import { unitsOfIndexes, unitsOfItem } from '../../../scripts/cost/write-units.ts'
import { things } from './tables.ts'

const client = () => testDynamoDb()
let table = ''
beforeAll(async () => {
  const tables = await createTestTables(client(), [things], unique('units'))
  table = tables['things']?.physicalName ?? ''
})

/** What DynamoDB Local says that a single write cost. */
async function put(item: Item): Promise<{ base: number; indexes: number }> {
  const { ConsumedCapacity } = await documentClient(client()).send(
    new PutCommand({ TableName: table, Item: toStoredItem(item), ReturnConsumedCapacity: 'INDEXES' }),
  )
  const indexes = Object.values(ConsumedCapacity?.GlobalSecondaryIndexes ?? {})
  return {
    base: ConsumedCapacity?.Table?.CapacityUnits ?? 0,
    indexes: indexes.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0),
  }
}

/** The same item with a text that makes it exactly so large by our count. */
function padded(item: Item, bytes: number): Item {
  const missing = bytes - itemSizeBytes({ ...item, pad: '' })
  return { ...item, pad: 'x'.repeat(missing) }
}

const shapes: Record<string, Item> = {
  texts: { a: 'naïve ✓ 😀', b: '', status: 'APPROVED', 'a name that is rather long': 'x' },
  'whole numbers': {
    a: 0,
    b: 1,
    c: 12,
    d: 123,
    e: 1234,
    f: 1763720000000,
    g: 100,
    h: 1000,
    i: 10 ** 9,
    j: 120,
    k: 1200,
  },
  'negative numbers': { a: -1, b: -12, c: -123, d: -1200, e: -1763720000000 },
  fractions: { a: 0.1, b: 0.12, c: 1.5, d: 12.5, e: 123.45, f: 0.001, g: 0.0015, h: -0.25, i: 1e-7, j: 1e21, k: 99.99 },
  'booleans and null': { a: true, b: false, c: null },
  lists: { a: [], b: ['x', 'yy'], c: [1, [2, [3]]], d: [true, null] },
  maps: { a: {}, b: { x: 'y' }, c: { nested: { more: [{ deep: 1 }] } } },
  'a saga': {
    version: 7,
    status: 'RUNNING',
    handled: ['product:o1.1.0', 'payment:o1.2.0'],
    timeline: [
      [1763720000000, 1, 0],
      [1763720000321, 2, 1],
    ],
    data: { items: [{ productId: 'p-1', quantity: 2 }], total: { amount: 1999, currency: 'EUR' } },
  },
}

describe('the size of an item', () => {
  it.each(Object.entries(shapes))('is to the byte what DynamoDB bills: %s', async (name, shape) => {
    const item = { id: `size ${name}`, ...shape }
    const erase = () => documentClient(client()).send(new DeleteCommand({ TableName: table, Key: { id: item.id } }))
    expect((await put(padded(item, 1024))).base, '1024 bytes are one unit').toBe(1)
    await erase()
    expect((await put(padded(item, 1025))).base, '1025 bytes are two').toBe(2)
    await erase()
    expect((await put(padded(item, 4096))).base).toBe(4)
    expect(unitsOfItem(undefined, padded(item, 4096))).toBe(4)
  })
})

describe('the units of a write', () => {
  it('are those of the larger of the old and the new item, and of each index that changes', async () => {
    const entry = { owner: 'o', createdAt: '2026-01-01' }
    const wake = (status: string, wakeAt: number) => ({ wakePartition: `order#${status}#0`, wakeAt })
    const versions: Item[] = [
      { id: 'u', version: 1 },
      { id: 'u', version: 2, ...entry },
      { id: 'u', version: 3, ...entry, text: 'x'.repeat(3000) },
      { id: 'u', version: 4, ...entry, ...wake('RUNNING', 5) },
      { id: 'u', version: 5, ...entry, ...wake('RUNNING', 5), text: 'more' },
      { id: 'u', version: 6, ...entry, ...wake('RUNNING', 9) },
      { id: 'u', version: 7, ...entry, ...wake('COMPLETED', 9) },
      { id: 'u', version: 8, ...entry },
      { id: 'u', version: 9 },
    ]
    let before: Item | undefined
    for (const after of versions) {
      const computed = { base: unitsOfItem(before, after), indexes: unitsOfIndexes(things, before, after) }
      expect(computed, `version ${String(after['version'])}`).toEqual(await put(after))
      before = after
    }
  })
})
