import { Names, RemovalPolicy } from 'aws-cdk-lib'
import * as kms from 'aws-cdk-lib/aws-kms'
import * as msk from 'aws-cdk-lib/aws-msk'
import { Construct } from 'constructs'
import type { KafkaSettings, StageSettings } from '../config.ts'
import { EncryptedLogs } from './log-group.ts'
import { clusterProblems } from './msk-rules.ts'

/** The first release line that CloudFormation's topics, IAM authentication and Express brokers all have. */
const KAFKA_VERSION = '3.8.x'

interface Props {
  readonly kafka: Extract<KafkaSettings, { kind: 'msk-express' | 'msk-standard' }>
  readonly settings: StageSettings
  readonly logKey: kms.IKey
  /** One in each of three zones. */
  readonly subnetIds: string[]
  readonly securityGroupId: string
}

/** A provisioned cluster: TLS and IAM only, encrypted at rest by a key of its own, topics made by CloudFormation alone. */
export class MskCluster extends Construct {
  readonly clusterArn: string

  constructor(scope: Construct, id: string, { kafka, settings, logKey, subnetIds, securityGroupId }: Props) {
    super(scope, id)
    const express = kafka.kind === 'msk-express'
    const problems = clusterProblems({ ...kafka, express, kafkaVersion: KAFKA_VERSION, subnets: subnetIds.length })
    if (problems.length > 0) throw new Error(`${this.node.path}: ${problems.join('; ')}`)
    const configuration = new msk.CfnConfiguration(this, 'Configuration', {
      name: Names.uniqueResourceName(this, { maxLength: 40 }),
      kafkaVersionsList: [KAFKA_VERSION],
      serverProperties: [
        'auto.create.topics.enable=false',
        // Express brokers have these fixed. MSK's default lets a replica lead that lacks what was acknowledged.
        ...(express
          ? []
          : ['default.replication.factor=3', 'min.insync.replicas=2', 'unclean.leader.election.enable=false']),
      ].join('\n'),
    })
    const brokerLogs = new EncryptedLogs(this, 'BrokerLogs', { settings, key: logKey })
    // It goes with the cluster, which is not kept either.
    const key = new kms.Key(this, 'Key', {
      description: `recourse ${settings.stage}: the brokers' volumes`,
      enableKeyRotation: true,
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
      encryptionInfo: {
        encryptionAtRest: { dataVolumeKmsKeyId: key.keyArn },
        encryptionInTransit: { clientBroker: 'TLS', inCluster: true },
      },
      configurationInfo: { arn: configuration.attrArn, revision: configuration.attrLatestRevisionRevision },
      enhancedMonitoring: 'PER_TOPIC_PER_BROKER',
      loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: brokerLogs.logGroupName } } },
      ...(express ? { rebalancing: { status: 'ACTIVE' } } : {}),
    })
    this.clusterArn = cluster.attrArn
  }
}
