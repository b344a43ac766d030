import { Duration } from 'aws-cdk-lib'
import type * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import type * as sqs from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { WiredFunction } from '#engine/catalog/wiring.ts'
import { concurrencyOf } from '../concurrency.ts'
import type { StageSettings } from '../config.ts'
import { except } from '../lint-suppressions.ts'
import { EncryptedLogs } from './log-group.ts'

/**
 * Seconds. API Gateway hangs up after 29. A consumer's 60 hold a batch of 100 whose every outside call runs into its own
 * limit (about 6 s, many at a time); a worker that is ended is delivered its batch again.
 */
const TIMEOUT_SECONDS = { http: 29, consumer: 60, platform: 60 }

/** Lambda's own limit for all variables of a function together. */
const ENVIRONMENT_BYTES_MAX = 4096

/** Beside a function of such a stage. */
export const NOT_RESERVED = "concurrency.reserved: not here, as the account's quota is too small to share out"

/** Subnets and the security group of functions that talk to Kafka. */
export interface FunctionNetwork {
  readonly vpc: ec2.IVpc
  readonly subnets: ec2.SubnetSelection
  /** With a way to the internet. */
  readonly outboundSubnets: ec2.SubnetSelection
  readonly clients: ec2.ISecurityGroup
}

interface Props {
  readonly wired: WiredFunction
  readonly code: lambda.Code
  readonly settings: StageSettings
  readonly environment: Record<string, string>
  readonly logKey: kms.IKey
  /** Gets the asynchronous invocations that Lambda gives up on. */
  readonly failedEvents: sqs.IQueue
  /** Where it stands; outside any network if left out. */
  readonly network?: {
    readonly placed: FunctionNetwork
    readonly outbound: boolean
    readonly access: iam.IManagedPolicy
  }
}

/** One function with a role and a log group of its own; what it may do is added by who wires it. */
export class CatalogFunction extends Construct {
  readonly fn: lambda.Function
  readonly role: iam.Role

  constructor(
    scope: Construct,
    id: string,
    { wired, code, settings, environment, logKey, failedEvents, network }: Props,
  ) {
    super(scope, id)
    const functionName = `${settings.namePrefix}${wired.name}`
    if (functionName.length > 64)
      throw new Error(`"${functionName}" is longer than the 64 characters of a function's name`)
    const environmentBytes = Buffer.byteLength(JSON.stringify(environment))
    if (environmentBytes > ENVIRONMENT_BYTES_MAX)
      throw new Error(
        `${functionName}: ${environmentBytes} bytes of environment, Lambda takes ${ENVIRONMENT_BYTES_MAX}`,
      )
    const logGroup = new EncryptedLogs(this, 'Logs', {
      name: `/recourse/${settings.stage}/${wired.name}`,
      settings,
      key: logKey,
    })
    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') })
    this.may(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn])
    if (network) this.role.addManagedPolicy(network.access)
    this.fn = new lambda.Function(this, 'Function', {
      functionName,
      code,
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: settings.memoryMegabytes,
      timeout: Duration.seconds(TIMEOUT_SECONDS[wired.kind]),
      ...(settings.concurrency.reserved && { reservedConcurrentExecutions: concurrencyOf(wired, settings) }),
      deadLetterQueue: failedEvents,
      role: this.role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      environment,
      ...(network
        ? {
            vpc: network.placed.vpc,
            vpcSubnets: network.outbound ? network.placed.outboundSubnets : network.placed.subnets,
            securityGroups: [network.placed.clients],
          }
        : {}),
    })
    this.accept(network !== undefined, settings.concurrency.reserved)
  }

  /** What linters ask of every function, and why not here. */
  private accept(inNetwork: boolean, reserved: boolean) {
    except(
      this.fn,
      { rule: 'W3005', reason: "CDK's own: the function waits for its role's policy, and names the role beside it" },
      {
        rule: 'CKV_AWS_173',
        reason: 'No variable is a secret (settings refuse them); AWS encrypts them with a key of its own',
      },
      ...(reserved ? [] : [{ rule: 'CKV_AWS_115', reason: NOT_RESERVED }]),
      ...(inNetwork
        ? []
        : [
            {
              rule: 'CKV_AWS_117',
              reason: 'It talks to DynamoDB alone, by TLS and IAM: a VPC would add a way in, and endpoints',
            },
          ]),
    )
  }

  may(actions: string[], resources: string[]) {
    this.role.addToPolicy(new iam.PolicyStatement({ actions, resources }))
  }
}
