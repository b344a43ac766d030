/** What Amazon MSK refuses about a cluster or a topic, and neither CDK nor CloudFormation's schema does. Pure. */
import { isTopicName } from './kafka-mapping-rules.ts'

/** Release lines that have IAM authentication and topics of CloudFormation (3.6 and later), and are not yet withdrawn. */
const EXPRESS_VERSIONS = ['3.6.0', '3.8.x', '3.9.x']
const STANDARD_VERSIONS = ['3.6.0', '3.7.x', '3.8.x', '3.9.x', '4.0.x']

export interface ClusterPlan {
  readonly express: boolean
  readonly kafkaVersion: string
  readonly instanceType: string
  readonly brokers: number
  readonly subnets: number
  /** Of each broker; Express brokers have none of their own. */
  readonly storageGiB?: number
}

/** A sentence for each thing that is wrong. */
export function clusterProblems({
  express,
  kafkaVersion,
  instanceType,
  brokers,
  subnets,
  storageGiB,
}: ClusterPlan): string[] {
  const versions = express ? EXPRESS_VERSIONS : STANDARD_VERSIONS
  return [
    versions.includes(kafkaVersion) ? '' : `Kafka ${kafkaVersion} is none of ${versions.join(', ')}`,
    instanceType.startsWith('express.') === express
      ? ''
      : `${instanceType} is no instance of ${express ? 'Express' : 'Standard'} brokers`,
    express && subnets !== 3 ? `Express brokers need three subnets, not ${subnets}` : '',
    subnets > 0 && brokers % subnets === 0 ? '' : `${brokers} brokers can't be spread evenly over ${subnets} subnets`,
    express && storageGiB !== undefined ? 'Express brokers have no volumes to size' : '',
    !express && storageGiB === undefined ? 'Standard brokers need volumes: say how many GiB' : '',
  ].filter(problem => problem !== '')
}

export interface TopicRequest {
  readonly topicName: string
  readonly partitionCount: number
  readonly replicationFactor: number
  /** As CloudFormation takes it: base64 of a JSON object whose values are text. */
  readonly configs: string
}

export function topicProblems({ topicName, partitionCount, replicationFactor, configs }: TopicRequest): string[] {
  const decoded = Buffer.from(configs, 'base64')
  const isBase64 = decoded.toString('base64') === configs
  return [
    isTopicName(topicName) ? '' : `"${topicName}" is no name for a Kafka topic`,
    partitionCount >= 1 ? '' : `${partitionCount} partitions: at least one`,
    replicationFactor === 3
      ? ''
      : `a replication factor of ${replicationFactor}: Express brokers have 3, and losing a zone asks for it`,
    isBase64 ? '' : 'its configs are not base64',
    isBase64 && !areConfigs(decoded.toString('utf8')) ? 'its configs are no JSON object of text by setting' : '',
  ].filter(problem => problem !== '')
}

function areConfigs(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text)
    if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) return false
    return Object.entries(parsed).every(
      ([key, value]: [string, unknown]) =>
        /^[a-z][a-z.]*$/.test(key) && typeof value === 'string' && /^\S+$/.test(value),
    )
  } catch {
    return false
  }
}
