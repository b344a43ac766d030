/** The stage `localstack` in its place: deployed, its topics made and read, and our gateway before its API. */
import { join } from 'node:path'
import type { Chosen } from '../../lambdas/catalog.ts'
import { type SettingsInput, stages } from '../../lib/config.ts'
import { createAvailability } from '../runtime/availability.ts'
import { askApi } from '../runtime/gateway/ask-api.ts'
import { startGateway } from '../runtime/gateway/gateway.ts'
import { signingKey } from '../runtime/identity.ts'
import { kafkaClient } from '../runtime/kafka/client.ts'
import { createTopics } from '../runtime/kafka/topics.ts'
import { sandboxRoutes } from '../runtime/sandbox-routes.ts'
import type { StartSettings } from '../runtime/settings.ts'
import { startSources } from '../runtime/sources.ts'
import { synthesizeAside } from '../runtime/synth.ts'
import { readCloudAssembly } from '../runtime/template/cloud-assembly.ts'
import { planOf } from '../runtime/template/plan.ts'
import { createTimeline } from '../runtime/timeline.ts'
import type { Session, Started } from '../session.ts'
import { deploy } from './deploy.ts'
import { remoteFunctions } from './functions.ts'
import type { Place } from './deployment-target.ts'

const STAGE = 'localstack'

/**
 * Two syntheses of one stage: what goes into LocalStack, and the whole of it, from which the poller takes the topics and
 * the event sources that LocalStack has no word for.
 */
export async function startInPlace(
  place: Place,
  settings: Pick<StartSettings, 'port' | 'topicPrefix'> & { readonly chosen: Chosen },
  { folder, say, seconds }: Session,
): Promise<Started & { readonly apiUrl: string }> {
  const stops: (() => Promise<unknown> | void)[] = [() => place.stop()]
  const stop = async () => {
    for (let end = stops.pop(); end; end = stops.pop()) await end()
  }
  try {
    const { chosen, topicPrefix } = settings
    const gateway = await startGateway({ port: settings.port, key: signingKey(), show: say })
    stops.push(() => gateway.stop())

    say(`synthesizing the CDK app (stage ${STAGE}) …`)
    const [assembly, whole] = await Promise.all([
      synthesizeAside({
        stage: STAGE,
        outDir: join(folder, 'cdk.out'),
        overrides: { ...chosen, topicPrefix, ...whereThingsAre(place) },
      }),
      synthesizeAside({
        stage: STAGE,
        outDir: join(folder, 'cdk.out.whole'),
        overrides: { ...chosen, topicPrefix, localstack: undefined },
      }),
    ])
    const plan = planOf(readCloudAssembly(whole))
    say(`deploying into ${place.title} at ${place.endpoint}, creating ${plan.topics.length} topics …`)
    const [{ apiId }] = await Promise.all([
      deploy({ endpoint: place.endpoint, assembly, folder }),
      createTopics(kafkaClient(place.brokers, 'recourse-runtime'), plan.topics, { say }),
    ])
    const apiUrl = `${place.endpoint}/restapis/${apiId}/v1/_user_request_`
    say(`deployed after ${seconds()}; joining ${plan.kafkaSources.length} consumer groups …`)

    const availability = createAvailability()
    stops.push(() => availability.release())
    const timeline = createTimeline()
    const functions = remoteFunctions(plan.functions, place.endpoint)
    stops.push(() => functions.close())
    const functionOf = (name: string) => {
      const fn = functions.get(name)
      if (!fn) throw new Error(`the templates name a function ${name} that they do not have`)
      return fn
    }
    const sources = await startSources(
      { kafkaSources: plan.kafkaSources, streamSources: [] },
      {
        brokers: place.brokers,
        dynamodbEndpoint: place.endpoint,
        streamArns: new Map(),
        stateDir: folder,
        availability,
        timeline,
        functionOf,
        say,
      },
    )
    stops.push(() => sources.stop())
    gateway.open(
      plan.routes,
      askApi(apiUrl, say),
      sandboxRoutes(place.provider, () => sources),
    )
    return { url: gateway.url, apiUrl, failed: place.failed, timeline: sagaId => timeline.of(sagaId), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What functions are told of their surroundings, and the key of this checkout's tokens. */
const whereThingsAre = (place: Place): Partial<SettingsInput> => ({
  localstack: {
    bootstrapServers: [...place.brokersOfFunctions],
    tokenKey: Buffer.from(signingKey()).toString('base64url'),
  },
  environment: { ...stages[STAGE]?.environment, PAYMENT_PROVIDER_URL: place.providerUrlOfFunctions },
})
