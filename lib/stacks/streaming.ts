/** Kafka: the cluster (or the way to one that is there), every topic with its dead-letter topic, and its addresses. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { StageSettings } from '../config.ts'
import { type Kafka, MskKafka } from '../constructs/kafka.ts'
import { BootstrapServers } from '../constructs/bootstrap-servers.ts'
import { MskCluster } from '../constructs/msk-cluster.ts'
import { Topics } from '../constructs/topics.ts'
import type { FoundationStack } from './foundation.ts'
import type { NetworkStack } from './network.ts'

interface Props extends StackProps {
  readonly settings: StageSettings
  readonly foundation: FoundationStack
  /** Without the stage's prefix. */
  readonly topics: readonly string[]
  /** For a cluster of our own. */
  readonly network?: NetworkStack
}

export class StreamingStack extends Stack {
  private readonly clusterArn: string
  private readonly bootstrapServers: string

  /** Not for `self-managed`, which has nothing in AWS to create: its topics are created where it runs. */
  constructor(scope: Construct, id: string, { settings, foundation, topics, network, ...props }: Props) {
    // Termination is refused, but the cluster is not kept beyond it: alone it would hold the network, and cost on.
    super(scope, id, { ...props, terminationProtection: settings.protectData })
    this.clusterArn = this.cluster(settings, foundation, network)
    this.bootstrapServers = new BootstrapServers(this, 'Bootstrap', {
      clusterArn: this.clusterArn,
      settings,
      logKey: foundation.watchKey,
      failedEvents: foundation.failedEvents,
    }).servers
    new Topics(this, 'Topics', { clusterArn: this.clusterArn, topics, settings })
    new CfnOutput(this, 'BootstrapServers', { value: this.bootstrapServers, description: 'Kafka, TLS with IAM' })
  }

  /** Kafka as the functions of `scope` use it. */
  kafkaFor(scope: Construct): Kafka {
    return new MskKafka(scope, this.clusterArn, this.bootstrapServers)
  }

  private cluster(settings: StageSettings, { watchKey }: FoundationStack, network: NetworkStack | undefined): string {
    const { kafka } = settings
    switch (kafka.kind) {
      case 'msk-existing':
        return kafka.clusterArn
      case 'msk-express':
      case 'msk-standard': {
        if (!network) throw new Error(`${kafka.kind} needs a network`)
        const subnetIds = network.vpc.selectSubnets(network.subnets).subnetIds
        const securityGroupId = network.brokers.securityGroupId
        return new MskCluster(this, 'Msk', { kafka, settings, logKey: watchKey, subnetIds, securityGroupId }).clusterArn
      }
      case 'self-managed':
        throw new Error('self-managed Kafka has no stack of its own')
    }
  }
}
