import { RemovalPolicy } from 'aws-cdk-lib'
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb'
import type * as kms from 'aws-cdk-lib/aws-kms'
import { Construct } from 'constructs'
import type { Table } from '#engine/model/aggregate.ts'
import type { StageSettings } from '../config.ts'

interface Props {
  readonly table: Table
  /** Whether a change feed is read from it. */
  readonly feeds: boolean
  readonly key: kms.IKey
  readonly settings: Pick<StageSettings, 'namePrefix' | 'protectData'>
}

const TYPES = { string: dynamodb.AttributeType.STRING, number: dynamodb.AttributeType.NUMBER }
const keyOf = ({ partition, sort }: Pick<Table, 'partition' | 'sort'>) => ({
  partitionKey: { name: partition, type: dynamodb.AttributeType.STRING },
  ...(sort ? { sortKey: { name: sort.name, type: TYPES[sort.type] } } : {}),
})

/**
 * A table as the catalog specifies it, paid by the request, encrypted with the stage's key. Its indexes hold keys
 * only: every projected field would be written (and paid for) once more with each change of the item.
 */
export class CatalogTable extends Construct {
  readonly table: dynamodb.Table

  constructor(scope: Construct, id: string, { table, feeds, key, settings }: Props) {
    super(scope, id)
    this.table = new dynamodb.Table(this, 'Table', {
      tableName: `${settings.namePrefix}${table.name}`,
      ...keyOf(table),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      ...(feeds ? { stream: dynamodb.StreamViewType.NEW_IMAGE } : {}),
      ...(table.expires ? { timeToLiveAttribute: table.expires } : {}),
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: settings.protectData },
      deletionProtection: settings.protectData,
      removalPolicy: settings.protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
    for (const index of table.indexes ?? [])
      this.table.addGlobalSecondaryIndex({
        indexName: index.name,
        ...keyOf(index),
        projectionType: dynamodb.ProjectionType.KEYS_ONLY,
      })
  }
}
