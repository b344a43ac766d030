import { Names, RemovalPolicy, Stack } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as logs from 'aws-cdk-lib/aws-logs'
import * as msk from 'aws-cdk-lib/aws-msk'
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources'
import { Construct } from 'constructs'
import type { KafkaSettings, StageSettings } from '../config.ts'

/** The first release line that CloudFormation's topics, IAM authentication and Express brokers all have. */
const KAFKA_VERSION = '3.8.x'

interface Props {
  readonly kafka: Extract<KafkaSettings, { kind: 'msk-express' | 'msk-standard' }>
  readonly settings: StageSettings
  /** One in each of three zones. */
  readonly subnetIds: string[]
  readonly securityGroupId: string
}

/** A provisioned cluster: TLS and IAM only, encrypted at rest by AWS's own key, topics made by CloudFormation alone. */
export class MskCluster extends Construct {
  readonly clusterArn: string

  constructor(scope: Construct, id: string, { kafka, settings, subnetIds, securityGroupId }: Props) {
    super(scope, id)
    const express = kafka.kind === 'msk-express'
    const configuration = new msk.CfnConfiguration(this, 'Configuration', {
      name: Names.uniqueResourceName(this, { maxLength: 40 }),
      kafkaVersionsList: [KAFKA_VERSION],
      serverProperties: [
        'auto.create.topics.enable=false',
        // Express brokers have these two fixed.
        ...(express ? [] : ['default.replication.factor=3', 'min.insync.replicas=2']),
      ].join('\n'),
    })
    const brokerLogs = new logs.LogGroup(this, 'BrokerLogs', {
      retention: settings.retention.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const cluster = new msk.CfnCluster(this, 'Cluster', {
      clusterName: `recourse-${settings.stage}`,
      kafkaVersion: KAFKA_VERSION,
      numberOfBrokerNodes: kafka.brokers,
      brokerNodeGroupInfo: {
        instanceType: kafka.instanceType,
        clientSubnets: subnetIds,
        securityGroups: [securityGroupId],
        ...(kafka.kind === 'msk-standard' ? { storageInfo: { ebsStorageInfo: { volumeSize: kafka.storageGiB } } } : {}),
      },
      clientAuthentication: { sasl: { iam: { enabled: true } }, unauthenticated: { enabled: false } },
      encryptionInfo: { encryptionInTransit: { clientBroker: 'TLS', inCluster: true } },
      configurationInfo: { arn: configuration.attrArn, revision: configuration.attrLatestRevisionRevision },
      enhancedMonitoring: 'PER_TOPIC_PER_BROKER',
      loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: brokerLogs.logGroupName } } },
      ...(express ? { rebalancing: { status: 'ACTIVE' } } : {}),
    })
    this.clusterArn = cluster.attrArn
  }
}

/** The cluster's addresses, which CloudFormation does not know: asked for once by a call that may do nothing else. */
export function bootstrapServersOf(scope: Construct, clusterArn: string, logDays: number): string {
  const logGroup = new logs.LogGroup(scope, 'BootstrapLogs', {
    retention: logDays,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const role = new iam.Role(scope, 'BootstrapRole', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') })
  role.addToPolicy(
    new iam.PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  )
  const answer = new AwsCustomResource(scope, 'Bootstrap', {
    resourceType: 'Custom::BootstrapBrokers',
    onUpdate: {
      service: 'Kafka',
      action: 'getBootstrapBrokers',
      parameters: { ClusterArn: clusterArn },
      outputPaths: ['BootstrapBrokerStringSaslIam'],
      physicalResourceId: PhysicalResourceId.of(`${Stack.of(scope).stackName}-bootstrap`),
    },
    policy: AwsCustomResourcePolicy.fromStatements([
      new iam.PolicyStatement({ actions: ['kafka:GetBootstrapBrokers'], resources: [clusterArn] }),
    ]),
    installLatestAwsSdk: false,
    role,
    logGroup,
  })
  return answer.getResponseField('BootstrapBrokerStringSaslIam')
}
