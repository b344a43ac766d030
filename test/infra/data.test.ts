import { describe, expect, it } from 'vitest'
import { readable } from './fixtures/readable.ts'
import { describeStage } from './fixtures/synthesized.ts'

const data = describeStage({}).template('data')
const tables = readable(data.toJSON())

describe('tables', () => {
  it('have the keys, indexes of keys only, expiry and feed that the catalog says', () => {
    expect(tables['parcelsTable']?.properties).toMatchObject({
      TableName: 'dev-parcels',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'parcelId', KeyType: 'HASH' }],
      AttributeDefinitions: [
        { AttributeName: 'parcelId', AttributeType: 'S' },
        { AttributeName: 'owner', AttributeType: 'S' },
        { AttributeName: 'sentAt', AttributeType: 'N' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byOwner',
          KeySchema: [
            { AttributeName: 'owner', KeyType: 'HASH' },
            { AttributeName: 'sentAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    })
  })

  it('have no feed, expiry or index that nothing asked for', () => {
    const { properties } = tables['parcelshistoryTable'] ?? { properties: {} }
    expect(properties).toMatchObject({ TableName: 'dev-parcels-history', KeySchema: [{}, { AttributeName: 'status' }] })
    for (const absent of ['StreamSpecification', 'TimeToLiveSpecification', 'GlobalSecondaryIndexes'])
      expect(properties).not.toHaveProperty(absent)
  })

  it('can be brought back and are hard to delete where they are deployed', () => {
    for (const { type, properties } of Object.values(tables))
      if (type === 'AWS::DynamoDB::Table')
        expect(properties).toMatchObject({
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        })
    data.allResources('AWS::DynamoDB::Table', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' })
  })

  it('have bare names and no protection on one machine', () => {
    const local = readable(
      describeStage({ stage: 'local', settings: { protectData: false } })
        .template('data')
        .toJSON(),
    )
    expect(local['parcelsTable']?.properties).toMatchObject({ TableName: 'parcels', DeletionProtectionEnabled: false })
  })
})
