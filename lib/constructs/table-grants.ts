import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import type { FunctionTables, TableUse } from '#shared/catalog.ts'
import type { CatalogFunction } from './function.ts'

/** The actions that the DynamoDB store's calls need, by what the catalog says that a function does with a table. */
const ACTIONS: Readonly<Record<TableUse, readonly string[]>> = {
  /** `Store.read` */
  read: ['dynamodb:BatchGetItem'],
  /** `Store.commit`, which is a statement of PartiQL or, with `alongside`, a transaction of puts and updates; `Store.writeRows`. */
  write: [
    'dynamodb:BatchWriteItem',
    'dynamodb:PartiQLInsert',
    'dynamodb:PartiQLUpdate',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
  ],
  /** `Store.query`, of the table or of any of its indexes. */
  query: ['dynamodb:Query'],
}

/** Exactly the uses that the catalog lists; indexes by name, and only for queries. */
export function grantTable(fn: CatalogFunction, { table: spec, use }: FunctionTables, table: ITable) {
  for (const one of new Set(use)) {
    const indexes = one === 'query' ? (spec.indexes ?? []).map(index => `${table.tableArn}/index/${index.name}`) : []
    fn.may([...ACTIONS[one]], [table.tableArn, ...indexes])
  }
}

/** `TABLE_ORDERS_HISTORY` */
export const tableVariable = (name: string) => `TABLE_${name.toUpperCase().replaceAll('-', '_')}`
