import { RemovalPolicy, Validations } from 'aws-cdk-lib'
import * as cognito from 'aws-cdk-lib/aws-cognito'
import { Construct } from 'constructs'
import type { StageSettings } from '../config.ts'

/** Who may use the API: a Cognito user pool whose users an administrator makes, and the group of the operators. */
export class Users extends Construct {
  readonly pool: cognito.UserPool
  readonly client: cognito.UserPoolClient

  constructor(scope: Construct, id: string, { namePrefix, protectData }: StageSettings) {
    super(scope, id)
    this.pool = new cognito.UserPool(this, 'Pool', {
      userPoolName: `${namePrefix}recourse`,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireSymbols: true,
        requireUppercase: true,
      },
      mfa: cognito.Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      deletionProtection: protectData,
      removalPolicy: protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
    Validations.of(this.pool).acknowledge(
      { id: 'AwsSolutions-COG2', reason: 'A second factor is offered; a token by one command is how a stage is tried' },
      {
        id: 'AwsSolutions-COG3',
        reason: 'Threat protection is a paid plan by user, which comes with the hardened stages',
      },
      { id: 'AwsSolutions-COG8', reason: 'The Plus plan is paid by user, and comes with the hardened stages' },
    )
    this.client = this.pool.addClient('Client', {
      authFlows: { userSrp: true, adminUserPassword: true },
      preventUserExistenceErrors: true,
    })
    new cognito.CfnUserPoolGroup(this, 'Operators', {
      userPoolId: this.pool.userPoolId,
      groupName: 'operators',
      description: 'May use the operator routes',
    })
  }
}
