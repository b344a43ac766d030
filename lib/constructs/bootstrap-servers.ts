import { Stack } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import type * as sqs from 'aws-cdk-lib/aws-sqs'
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources'
import { Construct } from 'constructs'
import type { StageSettings } from '../config.ts'
import { except } from '../lint-suppressions.ts'
import { NOT_RESERVED } from './function.ts'
import { EncryptedLogs } from './log-group.ts'

interface Props {
  readonly clusterArn: string
  readonly settings: StageSettings
  readonly logKey: kms.IKey
  readonly failedEvents: sqs.IQueue
}

/** The cluster's addresses, which CloudFormation does not know: asked for once by a call that may do nothing else. */
export class BootstrapServers extends Construct {
  readonly servers: string

  constructor(scope: Construct, id: string, { clusterArn, settings, logKey, failedEvents }: Props) {
    super(scope, id)
    const logGroup = new EncryptedLogs(this, 'Logs', { settings, key: logKey })
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') })
    const allow = (actions: string[], resources: string[]) => new iam.PolicyStatement({ actions, resources })
    role.addToPolicy(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]))
    role.addToPolicy(allow(['sqs:SendMessage'], [failedEvents.queueArn]))
    const answer = new AwsCustomResource(this, 'Call', {
      resourceType: 'Custom::BootstrapBrokers',
      onUpdate: {
        service: 'Kafka',
        action: 'getBootstrapBrokers',
        parameters: { ClusterArn: clusterArn },
        outputPaths: ['BootstrapBrokerStringSaslIam'],
        physicalResourceId: PhysicalResourceId.of(`${Stack.of(this).stackName}-bootstrap`),
      },
      policy: AwsCustomResourcePolicy.fromStatements([allow(['kafka:GetBootstrapBrokers'], [clusterArn])]),
      installLatestAwsSdk: false,
      role,
      logGroup,
    })
    this.servers = answer.getResponseField('BootstrapBrokerStringSaslIam')
    bound(Stack.of(this), failedEvents, settings)
  }
}

/** The function that makes the call is CDK's, which offers neither a bound nor a queue for what fails. */
function bound(stack: Stack, failedEvents: sqs.IQueue, { concurrency }: StageSettings) {
  const [fn, ...more] = stack.node.findAll().filter(child => child instanceof lambda.CfnFunction)
  if (!fn || more.length > 0) throw new Error('CDK makes its custom resources another way now')
  fn.deadLetterConfig = { targetArn: failedEvents.queueArn }
  except(
    fn,
    { rule: 'W3005', reason: "CDK's own: the function waits for its role's policy, and names the role beside it" },
    { rule: 'CKV_AWS_117', reason: 'It asks the API of MSK, at deployment' },
  )
  if (concurrency.reserved) fn.reservedConcurrentExecutions = 1
  else except(fn, { rule: 'CKV_AWS_115', reason: NOT_RESERVED })
}
