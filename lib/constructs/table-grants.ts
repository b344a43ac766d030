import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import type { FunctionTables, TableUse } from '#shared/catalog.ts'
import type { CatalogFunction } from './function.ts'

/** The actions that the DynamoDB store's calls need, by what the catalog says that a function does with a table. */
export const ACTIONS: Readonly<Record<TableUse, readonly string[]>> = {
  /** `Store.read` */
  read: ['dynamodb:BatchGetItem'],
  /** `Store.query`, of the table or of any of its indexes. */
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

/** Exactly the uses that the catalog lists; indexes by name, and only for queries. */
export function grantTable(fn: CatalogFunction, { table: spec, use }: FunctionTables, table: ITable) {
  const actions = new Set(use.flatMap(one => ACTIONS[one]))
  for (const action of actions) {
    const indexes = action === 'dynamodb:Query' ? (spec.indexes ?? []) : []
    fn.may([action], [table.tableArn, ...indexes.map(({ name }) => `${table.tableArn}/index/${name}`)])
  }
}

/** `TABLE_ORDERS_HISTORY` */
export const tableVariable = (name: string) => `TABLE_${name.toUpperCase().replaceAll('-', '_')}`
