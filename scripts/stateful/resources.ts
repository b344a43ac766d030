/** What in a stage's templates holds data, addresses or names that others keep, and what about it may not change. Pure. */
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'

/** Losing or replacing one of these loses something that a deployment can't bring back. */
const STATEFUL = [
  'AWS::ApiGateway::RestApi',
  'AWS::Cognito::UserPool',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolGroup',
  'AWS::DynamoDB::Table',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::Subnet',
  'AWS::EC2::VPC',
  'AWS::KMS::Key',
  'AWS::Logs::LogGroup',
  'AWS::MSK::Cluster',
  'AWS::MSK::Topic',
  'AWS::S3::Bucket',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
  'AWS::SecretsManager::Secret',
]
/** Said by the resources' own schemas and documentation, and not by the specification that CDK reads. */
const ALSO_REPLACED: Readonly<Record<string, readonly string[]>> = {
  'AWS::Cognito::UserPool': ['AliasAttributes', 'UsernameAttributes', 'UsernameConfiguration'],
  'AWS::DynamoDB::Table': ['LocalSecondaryIndexes'],
  'AWS::MSK::Cluster': [
    'BrokerNodeGroupInfo.ClientSubnets',
    'BrokerNodeGroupInfo.SecurityGroups',
    'EncryptionInfo.EncryptionAtRest',
    'EncryptionInfo.EncryptionInTransit.InCluster',
  ],
}

interface Template {
  readonly Resources?: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
  >
}

/** A line for each resource, by `<stack>/<logical id>`: its type, and each property whose change makes another of it. */
export type StatefulResources = Readonly<Record<string, string>>

/** `templates`: by the stacks' names. */
export function statefulIn(templates: Readonly<Record<string, Template>>): StatefulResources {
  const found = Object.entries(templates).flatMap(([stack, { Resources = {} }]) =>
    Object.entries(Resources)
      .filter(([, { Type }]) => STATEFUL.includes(Type))
      .map(([id, { Type, Properties = {} }]): [string, string] => [`${stack}/${id}`, lineOf(Type, Properties)]),
  )
  return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function lineOf(type: string, properties: Readonly<Record<string, unknown>>): string {
  const written = replacedBy(type).flatMap(path => {
    const value = path
      .split('.')
      .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], properties)
    return value === undefined ? [] : [`${path}=${JSON.stringify(value)}`]
  })
  return [type, ...written].join(' ')
}

const specification = loadAwsServiceSpecSync()

/** Properties whose change replaces a resource of this type, always or in some cases. */
function replacedBy(type: string): string[] {
  const [resource] = specification.lookup('resource', 'cloudFormationType', 'equals', type)
  if (!resource) throw new Error(`the specification does not know ${type}`)
  const told = Object.entries(resource.properties).filter(
    ([, { causesReplacement = 'no' }]) => causesReplacement !== 'no',
  )
  return [...told.map(([name]) => name), ...(ALSO_REPLACED[type] ?? [])].toSorted()
}
