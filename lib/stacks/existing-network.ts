/** The network of a Kafka cluster that is there already: only our functions' security group is made. */
import { Fn, Stack, type StackProps } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import type { Construct } from 'constructs'
import type { KafkaSettings } from '../config.ts'
import type { FunctionNetwork } from '../constructs/function.ts'
import { except } from '../lint-suppressions.ts'

interface Props extends StackProps {
  readonly kafka: Extract<KafkaSettings, { kind: 'msk-existing' }>
}

/** Its subnets' routes are its owner's: DynamoDB and whatever a function calls must be reachable from them. */
export class ExistingNetworkStack extends Stack implements FunctionNetwork {
  readonly vpc: ec2.IVpc
  readonly subnets: ec2.SubnetSelection
  readonly outboundSubnets: ec2.SubnetSelection
  readonly clients: ec2.SecurityGroup

  constructor(scope: Construct, id: string, { kafka, ...props }: Props) {
    super(scope, id, props)
    this.vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: kafka.vpcId,
      availabilityZones: kafka.subnetIds.map((_, zone) => Fn.select(zone, Fn.getAzs())),
      isolatedSubnetIds: kafka.subnetIds,
    })
    except(this.vpc, {
      rule: 'Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId',
      reason: "Their routes are their owner's, and none is added here",
    })
    this.subnets = { subnetType: ec2.SubnetType.PRIVATE_ISOLATED }
    this.outboundSubnets = this.subnets
    this.clients = new ec2.SecurityGroup(this, 'Clients', {
      vpc: this.vpc,
      allowAllOutbound: true,
      description: 'Functions that talk to Kafka',
    })
    const brokers = ec2.SecurityGroup.fromSecurityGroupId(this, 'Brokers', kafka.securityGroupId)
    brokers.addIngressRule(this.clients, ec2.Port.tcp(9098), 'functions that publish')
  }
}
