/**
 * The closed list of resource types. A type that is in neither table is an error that names it: better to stop than to
 * run something else than what would be deployed.
 */

/** The account and the region that a template believes to be in. DynamoDB Local sees the same tables whatever they are. */
export const ACCOUNT = '000000000000'
export const REGION = 'eu-west-1'

const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`
const globalArn = (service: string, rest: string) => `arn:aws:${service}::${ACCOUNT}:${rest}`

/** What `Ref` gives for a resource of this type, and what each attribute gives, by its physical name. */
interface ResourceType {
  readonly ref: (name: string) => string
  readonly attributes?: Readonly<Record<string, (name: string) => string | number>>
  /** The property that holds its physical name; without it, or if it is not set, `<Stack>-<LogicalId>` is the name. */
  readonly nameProperty?: string
}

const self = (name: string) => name

/** As functions and rules are told of each other in contexts and events. */
export const functionArn = (name: string) => arn('lambda', `function:${name}`)
export const ruleArn = (name: string) => arn('events', `rule/${name}`)

/** Types that the runtime carries out. */
const executed: Readonly<Record<string, ResourceType>> = {
  'AWS::DynamoDB::Table': {
    ref: self,
    nameProperty: 'TableName',
    attributes: {
      Arn: name => arn('dynamodb', `table/${name}`),
      StreamArn: name => arn('dynamodb', `table/${name}/stream/local`),
    },
  },
  'AWS::MSK::Topic': {
    ref: self,
    nameProperty: 'TopicName',
    attributes: { TopicArn: name => arn('kafka', `topic/${name}`) },
  },
  'AWS::Lambda::Function': {
    ref: self,
    nameProperty: 'FunctionName',
    attributes: { Arn: functionArn },
  },
  'AWS::Lambda::EventSourceMapping': { ref: self },
  'AWS::ApiGateway::RestApi': {
    ref: self,
    nameProperty: 'Name',
    attributes: { RootResourceId: name => `${name}/root` },
  },
  'AWS::ApiGateway::Resource': { ref: self },
  'AWS::ApiGateway::Method': { ref: self },
  'AWS::Events::Rule': { ref: self, nameProperty: 'Name', attributes: { Arn: ruleArn } },
}

/** Types that mean nothing on one machine, but are referred to by others. */
const meaningless: Readonly<Record<string, ResourceType>> = {
  // The network: everything here is on the loopback interface.
  'AWS::EC2::VPC': { ref: self, attributes: { DefaultSecurityGroup: self, CidrBlock: () => '127.0.0.0/8' } },
  'AWS::EC2::Subnet': { ref: self },
  'AWS::EC2::RouteTable': { ref: self },
  'AWS::EC2::SubnetRouteTableAssociation': { ref: self },
  'AWS::EC2::Route': { ref: self },
  'AWS::EC2::InternetGateway': { ref: self, attributes: { InternetGatewayId: self } },
  'AWS::EC2::VPCGatewayAttachment': { ref: self },
  'AWS::EC2::NatGateway': { ref: self, attributes: { NatGatewayId: self } },
  'AWS::EC2::EIP': { ref: self, attributes: { AllocationId: self } },
  'AWS::EC2::VPCEndpoint': { ref: self },
  'AWS::EC2::SecurityGroup': { ref: self, attributes: { GroupId: self } },
  'AWS::EC2::SecurityGroupIngress': { ref: self },
  'AWS::EC2::SecurityGroupEgress': { ref: self },
  'AWS::EC2::FlowLog': { ref: self },
  // Kafka itself: the broker of this machine stands in for the cluster; overrides put its address in place.
  'AWS::MSK::Cluster': {
    ref: name => arn('kafka', `cluster/${name}/local`),
    nameProperty: 'ClusterName',
    attributes: { Arn: name => arn('kafka', `cluster/${name}/local`) },
  },
  'AWS::MSK::Configuration': {
    ref: name => arn('kafka', `configuration/${name}/local`),
    nameProperty: 'Name',
    attributes: { Arn: name => arn('kafka', `configuration/${name}/local`), 'LatestRevision.Revision': () => 1 },
  },
  'AWS::MSK::ClusterPolicy': { ref: self },
  'AWS::MSK::BatchScramSecret': { ref: self },
  'Custom::AWS': { ref: self, attributes: { BootstrapBrokerStringSaslIam: () => 'the-broker-of-this-machine' } },
  'Custom::BootstrapBrokers': {
    ref: self,
    attributes: { BootstrapBrokerStringSaslIam: () => 'the-broker-of-this-machine' },
  },
  // Who may do what, with which keys.
  'AWS::IAM::Role': {
    ref: self,
    nameProperty: 'RoleName',
    attributes: { Arn: name => globalArn('iam', `role/${name}`), RoleId: self },
  },
  'AWS::IAM::Policy': { ref: self },
  'AWS::IAM::ManagedPolicy': {
    ref: name => globalArn('iam', `policy/${name}`),
    nameProperty: 'ManagedPolicyName',
    attributes: { PolicyArn: name => globalArn('iam', `policy/${name}`) },
  },
  'AWS::KMS::Key': { ref: self, attributes: { Arn: name => arn('kms', `key/${name}`), KeyId: self } },
  'AWS::KMS::Alias': { ref: self, nameProperty: 'AliasName' },
  'AWS::SecretsManager::Secret': { ref: name => arn('secretsmanager', `secret:${name}`), nameProperty: 'Name' },
  'AWS::SecretsManager::ResourcePolicy': { ref: self },
  'AWS::Lambda::Permission': { ref: self },
  // The parts of the API that the gateway of this machine does by itself, or that only the internet needs.
  'AWS::ApiGateway::Account': { ref: self },
  'AWS::ApiGateway::Authorizer': { ref: self, attributes: { AuthorizerId: self } },
  'AWS::ApiGateway::Deployment': { ref: self, attributes: { DeploymentId: self } },
  'AWS::ApiGateway::Stage': { ref: self, nameProperty: 'StageName' },
  'AWS::ApiGateway::GatewayResponse': { ref: self },
  'AWS::ApiGateway::Model': { ref: self, nameProperty: 'Name' },
  'AWS::ApiGateway::RequestValidator': { ref: self },
  'AWS::ApiGateway::UsagePlan': { ref: self },
  'AWS::Cognito::UserPool': {
    ref: self,
    nameProperty: 'UserPoolName',
    attributes: {
      Arn: name => arn('cognito-idp', `userpool/${name}`),
      ProviderName: name => `cognito-idp.${REGION}.amazonaws.com/${name}`,
      ProviderURL: name => `https://cognito-idp.${REGION}.amazonaws.com/${name}`,
      UserPoolId: self,
    },
  },
  'AWS::Cognito::UserPoolClient': { ref: self, attributes: { ClientId: self } },
  'AWS::Cognito::UserPoolGroup': { ref: self, nameProperty: 'GroupName' },
  'AWS::Cognito::UserPoolDomain': { ref: self, nameProperty: 'Domain' },
  'AWS::WAFv2::WebACL': {
    ref: self,
    nameProperty: 'Name',
    attributes: { Arn: name => arn('wafv2', `regional/webacl/${name}`) },
  },
  'AWS::WAFv2::WebACLAssociation': { ref: self },
  'AWS::WAFv2::LoggingConfiguration': { ref: self },
  // Watching: logs go to a file here, and nobody is paged.
  'AWS::Logs::LogGroup': {
    ref: self,
    nameProperty: 'LogGroupName',
    attributes: { Arn: name => arn('logs', `log-group:${name}:*`) },
  },
  'AWS::Logs::ResourcePolicy': { ref: self },
  'AWS::Logs::MetricFilter': { ref: self },
  'AWS::Logs::QueryDefinition': { ref: self },
  'AWS::CloudWatch::Alarm': {
    ref: self,
    nameProperty: 'AlarmName',
    attributes: { Arn: name => arn('cloudwatch', `alarm:${name}`) },
  },
  'AWS::CloudWatch::CompositeAlarm': { ref: self, nameProperty: 'AlarmName' },
  'AWS::CloudWatch::Dashboard': { ref: self, nameProperty: 'DashboardName' },
  'AWS::SNS::Topic': {
    ref: name => arn('sns', name),
    nameProperty: 'TopicName',
    attributes: { TopicName: self, TopicArn: name => arn('sns', name) },
  },
  'AWS::SNS::TopicPolicy': { ref: self },
  'AWS::SNS::Subscription': { ref: self },
  'AWS::SQS::Queue': {
    ref: self,
    nameProperty: 'QueueName',
    attributes: { Arn: name => arn('sqs', name), QueueName: self },
  },
  'AWS::SQS::QueuePolicy': { ref: self },
  'AWS::SSM::Parameter': { ref: self, nameProperty: 'Name' },
  'AWS::Budgets::Budget': { ref: self },
  'AWS::CDK::Metadata': { ref: self },
}

export const isExecuted = (type: string) => Object.hasOwn(executed, type)

/** Undefined for a type that the runtime does not know. */
export const resourceType = (type: string): ResourceType | undefined =>
  Object.hasOwn(executed, type) ? executed[type] : Object.hasOwn(meaningless, type) ? meaningless[type] : undefined
