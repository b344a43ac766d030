import { RemovalPolicy } from 'aws-cdk-lib'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as logs from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { StageSettings } from '../config.ts'

interface Props {
  readonly settings: Pick<StageSettings, 'retention'>
  readonly key: kms.IKey
  readonly name?: string
}

/** Every log group of ours: it forgets, and is encrypted. It goes with what it is about: kept, its name would be in the way. */
export class EncryptedLogs extends logs.LogGroup {
  constructor(scope: Construct, id: string, { settings, key, name }: Props) {
    super(scope, id, {
      ...(name !== undefined && { logGroupName: name }),
      retention: settings.retention.logDays,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    })
  }
}
