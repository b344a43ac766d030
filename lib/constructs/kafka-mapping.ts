import * as lambda from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { groupOf, problemsOf } from './kafka-mapping-rules.ts'

/** Mappings that may share the pollers of one group. */
const MAPPINGS_A_GROUP = 100

/**
 * An event source mapping of a Kafka topic that AWS takes. Throws, with its place in the tree, for one that AWS refuses;
 * `cdk synth` fails if two of an app have one consumer group, or too many share their pollers.
 */
export class KafkaMapping extends lambda.CfnEventSourceMapping {
  readonly group: string | undefined
  readonly pollers: string | undefined

  constructor(scope: Construct, id: string, props: lambda.CfnEventSourceMappingProps) {
    const problems = problemsOf(props)
    if (problems.length > 0) throw new Error(`${scope.node.path}/${id}: ${problems.join('; ')}`)
    super(scope, id, props)
    this.group = groupOf(props)
    const { provisionedPollerConfig } = props
    this.pollers =
      provisionedPollerConfig && 'pollerGroupName' in provisionedPollerConfig
        ? provisionedPollerConfig.pollerGroupName
        : undefined
    this.node.addValidation({ validate: () => this.clashes() })
  }

  /** With the other mappings of the app: their groups must be unique in an account, whatever cluster they read. */
  private clashes(): string[] {
    const others = this.node.root.node.findAll().filter(one => one instanceof KafkaMapping)
    const twin = others.find(other => other !== this && other.group === this.group)
    const sharing = others.filter(other => this.pollers !== undefined && other.pollers === this.pollers).length
    return [
      ...(twin ? [`the consumer group ${this.group} is also that of ${twin.node.path}: AWS refuses the second`] : []),
      ...(sharing > MAPPINGS_A_GROUP
        ? [`${sharing} mappings share the pollers of ${this.pollers}: AWS takes ${MAPPINGS_A_GROUP}`]
        : []),
    ]
  }
}
