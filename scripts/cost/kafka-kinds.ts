import type { SettingsInput } from '../../lib/config.ts'

/** One of every kind of Kafka that a stage can have. */
export const kafkaKinds: readonly SettingsInput['kafka'][] = [
  { kind: 'msk-express' },
  { kind: 'msk-standard' },
  {
    kind: 'msk-existing',
    clusterArn: 'arn:aws:kafka:eu-west-1:111122223333:cluster/shared/0f1e2d3c',
    vpcId: 'vpc-0a1b2c3d',
    subnetIds: ['subnet-0a1b2c3a', 'subnet-0a1b2c3b', 'subnet-0a1b2c3c'],
    securityGroupId: 'sg-0a1b2c3d',
  },
  {
    kind: 'self-managed',
    bootstrapServers: ['kafka.example.com:9093'],
    secretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka-aBc123',
  },
]
