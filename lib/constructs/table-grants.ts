import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import type { FunctionTables, TableUse } from '#engine/catalog/catalog.ts'
import type { CatalogFunction } from './function.ts'

/** The actions that the DynamoDB store's calls need, by what the catalog says that a function does with a table. */
export const ACTIONS: Readonly<Record<Exclude<TableUse, `query:${string}`>, readonly string[]>> = {
  /** `Store.read` */
  read: ['dynamodb:BatchGetItem'],
  /** `Store.query`: of an index, on that index alone. */
  query: ['dynamodb:Query'],
  /** `Store.commit` of one, or a new item `alongside`: a put with a condition, in a transaction or not. */
  put: ['dynamodb:PutItem'],
  /** `Store.commit` of many: statements of PartiQL; a put where there is but one, or something `alongside`. */
  insert: ['dynamodb:PartiQLInsert', 'dynamodb:PutItem'],
  update: ['dynamodb:PartiQLUpdate', 'dynamodb:PutItem'],
  /** `Store.commit`, what is added `alongside`. */
  add: ['dynamodb:UpdateItem'],
  /** `Store.writeRows` */
  rows: ['dynamodb:BatchWriteItem'],
}

/** Exactly the uses that the catalog lists. Throws for an index that the table does not have. */
export function grantTable(fn: CatalogFunction, { table: spec, use }: FunctionTables, table: ITable) {
  const onTable = new Set(use.flatMap(one => (isOnTable(one) ? ACTIONS[one] : [])))
  if (onTable.size > 0) fn.may([...onTable], [table.tableArn])
  const indexes = use.flatMap(one => (isOnTable(one) ? [] : [one.slice('query:'.length)]))
  for (const name of new Set(indexes)) {
    const known = (spec.indexes ?? []).map(index => index.name)
    if (!known.includes(name))
      throw new Error(`${fn.node.path}: the table ${spec.name} has no index ${name}, but ${known.join(', ') || 'none'}`)
    fn.may([...ACTIONS.query], [`${table.tableArn}/index/${name}`])
  }
}

const isOnTable = (use: TableUse): use is keyof typeof ACTIONS => !use.startsWith('query:')
