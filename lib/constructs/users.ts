import { RemovalPolicy } from 'aws-cdk-lib'
import * as cognito from 'aws-cdk-lib/aws-cognito'
import { Construct } from 'constructs'
import type { StageSettings } from '../config.ts'
import { except } from '../lint-suppressions.ts'

/** Who may use the API: a Cognito user pool whose users an administrator makes, and the group of the operators. */
export class Users extends Construct {
  readonly pool: cognito.UserPool
  readonly client: cognito.UserPoolClient

  constructor(scope: Construct, id: string, { namePrefix, protectData, users }: StageSettings) {
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
      mfa: users.secondFactor === 'required' ? cognito.Mfa.REQUIRED : cognito.Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      ...(users.threatProtection && {
        featurePlan: cognito.FeaturePlan.PLUS,
        standardThreatProtectionMode: cognito.StandardThreatProtectionMode.FULL_FUNCTION,
      }),
      // Users are known by their e-mail address, and nothing here sends an SMS: CDK would try a phone number first.
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      deletionProtection: protectData,
      removalPolicy: protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
    if (users.secondFactor !== 'required')
      except(this.pool, {
        rule: 'AwsSolutions-COG2',
        reason:
          'users.secondFactor: here a second factor is offered, so that a stage is tried with a token by one command',
      })
    if (!users.threatProtection)
      except(
        this.pool,
        { rule: 'AwsSolutions-COG3', reason: 'users.threatProtection: not here, as it is paid by the user' },
        { rule: 'AwsSolutions-COG8', reason: 'users.threatProtection: not here, as the Plus plan is paid by the user' },
      )
    this.client = this.pool.addClient('Client', {
      authFlows: { userSrp: true, adminUserPassword: true },
      preventUserExistenceErrors: true,
      // Nobody signs in by a page of Cognito's: CDK would allow the implicit flow, and send tokens to https://example.com.
      disableOAuth: true,
    })
    new cognito.CfnUserPoolGroup(this, 'Operators', {
      userPoolId: this.pool.userPoolId,
      groupName: 'operators',
      description: 'May use the operator routes',
    })
  }
}
