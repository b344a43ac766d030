import * as z from 'zod'
import { portNumber, readVariables } from '../runtime/settings.ts'
import type { PlacePorts } from './deployment-target.ts'

/** As `localstack/compose.yml` names them. */
const Ports = z.object({
  LOCALSTACK_PORT: portNumber.default(4566),
  KAFKA_PORT: portNumber.default(19_092),
  PROVIDER_PORT: portNumber.default(18_080),
})

/** Throws CannotStart whose one line names every variable that is wrong. */
export function readPorts(environment: NodeJS.ProcessEnv): PlacePorts {
  const { LOCALSTACK_PORT: localstack, KAFKA_PORT: kafka, PROVIDER_PORT: provider } = readVariables(Ports, environment)
  return { localstack, kafka, provider }
}
