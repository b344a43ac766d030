/** Every action that a function of ours is granted: who makes the call, and for what. One that is not here is granted to nobody. */

export interface KnownAction {
  /**
   * `code`: the function's own. `pollers`: of its event sources, which take its role. `Lambda`: the service, on behalf of
   * the function.
   */
  readonly by: readonly ('code' | 'pollers' | 'Lambda')[]
  readonly why: string
}

const network: KnownAction = { by: ['Lambda'], why: 'places the function in its subnets' }

export const ACTIONS: Readonly<Record<string, KnownAction>> = {
  'dynamodb:BatchGetItem': { by: ['code'], why: 'reads items by their keys (`Store.read`)' },
  'dynamodb:Query': { by: ['code'], why: 'reads a page of a table or an index (`Store.query`)' },
  'dynamodb:PutItem': {
    by: ['code'],
    why: 'writes one item with its condition, alone or in a transaction (`Store.commit`)',
  },
  'dynamodb:PartiQLInsert': { by: ['code'], why: 'writes many new items, each with its condition (`Store.commit`)' },
  'dynamodb:PartiQLUpdate': {
    by: ['code'],
    why: 'writes many changed items, each with its condition (`Store.commit`)',
  },
  'dynamodb:UpdateItem': {
    by: ['code'],
    why: "changes numbers in the transaction of another item's commit (`Store.commit`)",
  },
  'dynamodb:BatchWriteItem': { by: ['code'], why: 'writes rows that a commit caused (`Store.writeRows`)' },
  'dynamodb:DescribeStream': { by: ['pollers'], why: "finds the change feed's shards" },
  'dynamodb:GetRecords': { by: ['pollers'], why: 'reads the change feed' },
  'dynamodb:GetShardIterator': { by: ['pollers'], why: 'reads the change feed from where it was' },
  'dynamodb:ListStreams': { by: ['pollers'], why: 'finds the change feed' },
  'kafka:DescribeClusterV2': { by: ['pollers'], why: "finds the cluster's network" },
  'kafka:GetBootstrapBrokers': { by: ['pollers'], why: "finds the cluster's brokers" },
  'kafka-cluster:Connect': { by: ['code', 'pollers'], why: 'connects' },
  'kafka-cluster:DescribeClusterDynamicConfiguration': { by: ['pollers'], why: 'reads how the cluster is set' },
  'kafka-cluster:DescribeTopic': { by: ['code', 'pollers'], why: "finds a topic's partitions" },
  'kafka-cluster:ReadData': { by: ['pollers'], why: 'reads the topics that wake it' },
  'kafka-cluster:WriteData': {
    by: ['code', 'pollers'],
    why: 'publishes its messages, and to `<topic>.dlq` what it can never handle; there its pollers write what it failed on too',
  },
  'kafka-cluster:AlterGroup': { by: ['pollers'], why: 'commits what was read' },
  'kafka-cluster:DescribeGroup': { by: ['pollers'], why: 'joins its consumer group' },
  'secretsmanager:GetSecretValue': {
    by: ['code', 'pollers'],
    why: 'reads how to sign in to a Kafka that another runs',
  },
  'logs:CreateLogStream': { by: ['Lambda'], why: 'writes its log' },
  'logs:PutLogEvents': { by: ['Lambda'], why: 'writes its log' },
  'sqs:SendMessage': {
    by: ['Lambda', 'pollers'],
    why: 'keeps an asynchronous event that it failed on, and where a change feed was given up on',
  },
  'ec2:AssignPrivateIpAddresses': network,
  'ec2:CreateNetworkInterface': network,
  'ec2:DeleteNetworkInterface': network,
  'ec2:DescribeNetworkInterfaces': network,
  'ec2:DescribeSecurityGroups': network,
  'ec2:DescribeSubnets': network,
  'ec2:DescribeVpcs': network,
  'ec2:UnassignPrivateIpAddresses': network,
}
