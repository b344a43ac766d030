/** A commit without `alongside` as one PartiQL statement: many of them go in one call. */
import type { AttributeValue, BatchStatementRequest } from '@aws-sdk/client-dynamodb'
import { ownOf } from '../../model/own.ts'
import type { Commit } from '../../model/ports.ts'
import { sameValue } from '../store-rules.ts'
import { toAttribute } from './marshal.ts'

/** INSERT for a new item; else UPDATE of the fields that changed, on condition of the version that was read. */
export const statementFor = (commit: Commit, physicalName: string): BatchStatementRequest =>
  commit.previous ? update(commit, commit.previous, physicalName) : insert(commit, physicalName)

function insert({ item }: Commit, table: string): BatchStatementRequest {
  const fields: string[] = []
  const parameters: AttributeValue[] = []
  for (const [name, value] of Object.entries(item)) {
    if (value === undefined) continue
    fields.push(`${quotedText(name)}: ?`)
    parameters.push(toAttribute(value))
  }
  return { Statement: `INSERT INTO ${quotedName(table)} VALUE {${fields.join(', ')}}`, Parameters: parameters }
}

function update({ ref, item }: Commit, previous: Commit['item'], table: string): BatchStatementRequest {
  const changes: string[] = []
  const parameters: AttributeValue[] = []
  for (const [name, value] of Object.entries(item)) {
    if (value === undefined || Object.hasOwn(ref.key, name) || sameValue(value, ownOf(previous, name))) continue
    changes.push(`SET ${quotedName(name)} = ?`)
    parameters.push(toAttribute(value))
  }
  for (const [name, value] of Object.entries(previous))
    if (value !== undefined && ownOf(item, name) === undefined) changes.push(`REMOVE ${quotedName(name)}`)

  const conditions: string[] = []
  for (const [name, value] of Object.entries(ref.key)) {
    conditions.push(`${quotedName(name)} = ?`)
    parameters.push(toAttribute(value))
  }
  const version = previous['version']
  if (version === undefined) conditions.push('"version" IS MISSING')
  else {
    conditions.push('"version" = ?')
    parameters.push(toAttribute(version))
  }
  return {
    Statement: `UPDATE ${quotedName(table)} ${changes.join(' ')} WHERE ${conditions.join(' AND ')}`,
    Parameters: parameters,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  }
}

const quotedName = (name: string) => `"${name.replaceAll('"', '""')}"`
const quotedText = (text: string) => `'${text.replaceAll("'", "''")}'`
