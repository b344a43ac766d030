import { Aws, RemovalPolicy } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as kms from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import type { StageSettings } from '../config.ts'
import { except } from '../lint-suppressions.ts'

/**
 * The tables' key, rotated each year. It may be used through DynamoDB by whoever of the account may read or write a table:
 * so a function's role names tables only, and no key. Losing it is losing every table, hence it is kept when they are.
 */
export class DataKey extends kms.Key {
  constructor(scope: Construct, id: string, { stage, protectData }: Pick<StageSettings, 'stage' | 'protectData'>) {
    super(scope, id, {
      description: `recourse ${stage}: tables`,
      enableKeyRotation: true,
      removalPolicy: protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
    this.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.AnyPrincipal()],
        actions: [
          'kms:CreateGrant',
          'kms:Decrypt',
          'kms:DescribeKey',
          'kms:Encrypt',
          'kms:GenerateDataKey',
          'kms:ReEncrypt*',
        ],
        // Of a key's own policy: this key.
        resources: ['*'],
        conditions: {
          StringEquals: {
            'kms:CallerAccount': Aws.ACCOUNT_ID,
            'kms:ViaService': `dynamodb.${Aws.REGION}.amazonaws.com`,
          },
        },
      }),
    )
    except(this, {
      rule: 'CKV_AWS_33',
      reason: 'Anyone of this account, by DynamoDB alone, as its conditions say: as with the keys that AWS keeps',
    })
  }
}
