/** From a stage's settings and the catalog's wiring to stacks. Nothing is looked up, and no account is asked. */
import { App, type AppProps, Tags } from 'aws-cdk-lib'
import type * as lambda from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import type { Wiring } from '#engine/catalog/wiring.ts'
import type { StageSettings } from './config.ts'
import type { FunctionNetwork } from './constructs/function.ts'
import { type Kafka, OpenKafka, SelfManagedKafka } from './constructs/kafka.ts'
import { flags } from './flags.ts'
import { ApiStack } from './stacks/api.ts'
import { DataStack } from './stacks/data.ts'
import { FoundationStack } from './stacks/foundation.ts'
import { ExistingNetworkStack } from './stacks/existing-network.ts'
import { NetworkStack } from './stacks/network.ts'
import { ObservabilityStack } from './stacks/observability.ts'
import { ServicesStack } from './stacks/services.ts'
import { StreamingStack } from './stacks/streaming.ts'

/** An app with our flags, and without what only CDK's own services read. */
export const newApp = (props: AppProps = {}) =>
  new App({ analyticsReporting: false, treeMetadata: false, context: { ...flags }, ...props })

interface Parts {
  readonly settings: StageSettings
  readonly wiring: Wiring
  /** A function's bundle, by its name in the catalog; tests give something that needs no bundling. */
  readonly codeOf: (name: string) => lambda.Code
  /** What the stage costs a month at rest, for its outputs. */
  readonly atRest?: string
}

/** Stacks `recourse-<stage>-foundation`, `-network`, `-streaming`, `-data`, `-services`, `-api`, `-observability`, as far as the kind of Kafka needs them; LocalStack has no cluster to describe, and nobody to alarm. */
export function addStacks(app: App, { settings, wiring, codeOf, atRest }: Parts) {
  const name = (part: string) => `recourse-${settings.stage}-${part}`
  Tags.of(app).add('application', 'recourse')
  Tags.of(app).add('stage', settings.stage)
  const foundation = new FoundationStack(app, name('foundation'), {
    settings,
    description: 'The key of the logs, where alarms go, and where failed events go',
  })
  const { network, kafkaFor } = kafkaOf(app, name, { settings, wiring, foundation })
  const data = new DataStack(app, name('data'), {
    settings,
    wiring,
    description: 'Tables: what must outlive a deployment',
  })
  const { functions } = new ServicesStack(app, name('services'), {
    settings,
    wiring,
    foundation,
    data,
    kafkaFor,
    ...(network ? { network } : {}),
    codeOf,
    description: 'Functions, what wakes them and what they may do',
  })
  new ApiStack(app, name('api'), {
    settings,
    wiring,
    functions,
    logKey: foundation.watchKey,
    ...(atRest === undefined ? {} : { atRest }),
    description: 'REST API and its users',
  })
  if (settings.localstack) return
  new ObservabilityStack(app, name('observability'), {
    settings,
    wiring,
    foundation,
    description: 'Alarms with their runbooks, and the dashboard',
  })
}

/** The stacks that Kafka needs: none at all if another runs it outside AWS. */
function kafkaOf(
  app: App,
  name: (part: string) => string,
  { settings, wiring, foundation }: Pick<Parts, 'settings' | 'wiring'> & { readonly foundation: FoundationStack },
): { network?: FunctionNetwork; kafkaFor: (scope: Construct) => Kafka } {
  const { kafka } = settings
  if (settings.localstack) {
    const { bootstrapServers } = settings.localstack
    return { kafkaFor: () => new OpenKafka(bootstrapServers) }
  }
  if (kafka.kind === 'self-managed') return { kafkaFor: () => new SelfManagedKafka(kafka) }
  const props = {
    settings,
    foundation,
    topics: wiring.topics,
    description: 'Kafka: cluster, topics and their dead letters',
  }
  const described = { description: 'Private subnets for Kafka and the functions that talk to it' }
  if (kafka.kind === 'msk-existing') {
    const network = new ExistingNetworkStack(app, name('network'), { kafka, ...described })
    const streaming = new StreamingStack(app, name('streaming'), props)
    return { network, kafkaFor: scope => streaming.kafkaFor(scope) }
  }
  const outbound = wiring.functions.some(({ callsInternet }) => callsInternet === true)
  const network = new NetworkStack(app, name('network'), {
    settings,
    logKey: foundation.watchKey,
    outbound,
    ...described,
  })
  const streaming = new StreamingStack(app, name('streaming'), { ...props, network })
  return { network, kafkaFor: scope => streaming.kafkaFor(scope) }
}
