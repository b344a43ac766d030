/**
 * Where Kafka and the functions that talk to it live: private subnets in three zones, DynamoDB by a gateway endpoint.
 * A function that calls another's address on the internet (the payment provider) stands in subnets of its own whose
 * way out is one regional NAT gateway, so that no subnet is public and nothing else can reach the internet.
 * The NAT gateway costs about $37 a month for each zone that uses it, and is there only if a function needs it.
 */
import { Fn, Stack, type StackProps } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import type * as kms from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import type { StageSettings } from '../config.ts'
import type { FunctionNetwork } from '../constructs/function.ts'
import { EncryptedLogs } from '../constructs/log-group.ts'

/** Kafka with TLS and IAM authentication. */
const KAFKA_IAM = ec2.Port.tcp(9098)
const HTTPS = ec2.Port.tcp(443)

interface Props extends StackProps {
  readonly settings: StageSettings
  readonly logKey: kms.IKey
  /** Whether any function calls an address on the internet. */
  readonly outbound: boolean
}

export class NetworkStack extends Stack implements FunctionNetwork {
  readonly vpc: ec2.Vpc
  readonly subnets: ec2.SubnetSelection = { subnetGroupName: 'kafka' }
  readonly outboundSubnets: ec2.SubnetSelection = { subnetGroupName: 'outbound' }
  readonly brokers: ec2.SecurityGroup
  readonly clients: ec2.SecurityGroup

  constructor(scope: Construct, id: string, { settings, logKey, outbound, ...props }: Props) {
    super(scope, id, props)
    const isolated = { subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 22 }
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(settings.network.cidr),
      maxAzs: 3,
      natGateways: 0,
      // It would bring a function of its own; nothing here uses the default group.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [{ ...isolated, name: 'kafka' }, ...(outbound ? [{ ...isolated, name: 'outbound' }] : [])],
      gatewayEndpoints: { DynamoDb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB } },
    })
    if (outbound) this.addWayOut()
    this.brokers = new ec2.SecurityGroup(this, 'Brokers', {
      vpc: this.vpc,
      allowAllOutbound: false,
      description: 'Kafka brokers and the pollers of event source mappings',
    })
    this.clients = new ec2.SecurityGroup(this, 'Clients', {
      vpc: this.vpc,
      allowAllOutbound: false,
      description: 'Functions that talk to Kafka',
    })
    this.brokers.addIngressRule(this.clients, KAFKA_IAM, 'functions that publish')
    // The pollers of an event source mapping take the cluster's own subnets and security group.
    this.brokers.addIngressRule(this.brokers, KAFKA_IAM, 'event source mapping pollers')
    this.brokers.addEgressRule(this.brokers, KAFKA_IAM, 'event source mapping pollers')
    this.clients.addEgressRule(this.brokers, KAFKA_IAM, 'publishing')
    this.clients.addEgressRule(ec2.Peer.anyIpv4(), HTTPS, 'DynamoDB, and the internet where the subnet has a route')
    this.logRefusedTraffic(settings, logKey)
  }

  /** Three zones also without an account's own list of them (an environment-agnostic stack has two otherwise). */
  override get availabilityZones(): string[] {
    return [0, 1, 2].map(zone => Fn.select(zone, Fn.getAzs()))
  }

  private addWayOut() {
    const gateway = new ec2.CfnInternetGateway(this, 'Internet')
    const attached = new ec2.CfnVPCGatewayAttachment(this, 'InternetAttachment', {
      vpcId: this.vpc.vpcId,
      internetGatewayId: gateway.ref,
    })
    const nat = new ec2.CfnNatGateway(this, 'Nat', {
      availabilityMode: 'regional',
      connectivityType: 'public',
      vpcId: this.vpc.vpcId,
    })
    nat.addResourceDependency(attached)
    for (const subnet of this.vpc.selectSubnets(this.outboundSubnets).subnets)
      (subnet as ec2.Subnet).addRoute('Out', { routerType: ec2.RouterType.NAT_GATEWAY, routerId: nat.ref })
  }

  private logRefusedTraffic(settings: StageSettings, key: kms.IKey) {
    const group = new EncryptedLogs(this, 'RefusedTraffic', { settings, key })
    this.vpc.addFlowLog('Flow', {
      destination: ec2.FlowLogDestination.toCloudWatchLogs(group),
      trafficType: ec2.FlowLogTrafficType.REJECT,
    })
  }
}
