import * as z from 'zod'
import { chosenByVariables, variableFields } from '#engine/catalog/choices.ts'
import { type Chosen, choices } from '../../lambdas/catalog.ts'
import { CannotStart } from '../servers/index.ts'

export const portNumber = z.coerce
  .number('is a number')
  .int('is a whole number')
  .min(1, 'is 1 to 65535')
  .max(65_535, 'is 1 to 65535')

const Environment = z.object({
  PORT: portNumber.default(3000).describe('the API, on 127.0.0.1'),
  KAFKA_PORT: portNumber.default(19_092).describe('the broker, on 127.0.0.1'),
  DYNAMODB_PORT: portNumber.default(18_000).describe('DynamoDB Local, on 127.0.0.1'),
  ...variableFields(choices),
  STATE_DIR: z
    .string()
    .optional()
    .describe('keeps the data of Kafka and DynamoDB between starts; a temporary folder if left out'),
  TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{0,40}$/, 'is at most 40 letters, digits, dots, underscores and hyphens')
    .default('')
    .describe('put before every topic and group, so that several environments can share a cluster'),
  KAFKA_BROKERS: z
    .string()
    .regex(/^\s*[\w.-]+:\d{1,5}\s*(,\s*[\w.-]+:\d{1,5}\s*)*$/, 'is host:port, or several with commas between them')
    .optional()
    .describe('host:port, or several with commas: use this broker instead of starting one'),
  DYNAMODB_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'is a URL such as http://127.0.0.1:4566' })
    .optional()
    .describe('http://host:port: use this DynamoDB instead of starting one'),
  SWEEP_SECONDS: z.coerce
    .number('is a number')
    .min(0.1, 'is at least 0.1')
    .max(3600, 'is at most 3600')
    .default(5)
    .describe('how often deadlines are looked at (60 in AWS)'),
})

export interface Variable {
  readonly name: string
  readonly description: string
  readonly byDefault: string | undefined
}

/** Every variable that a start reads, as its help lists them. */
export const variables = (): Variable[] =>
  Object.entries(Environment.shape).map(([name, schema]) => ({
    name,
    description: schema.description ?? '',
    byDefault: schema instanceof z.ZodDefault ? String(schema.def.defaultValue) : undefined,
  }))

/** With what was chosen of the catalog, by its setting. */
export interface StartSettings extends Chosen {
  readonly port: number
  readonly kafkaPort: number
  readonly dynamodbPort: number
  /** Undefined: a temporary folder. */
  readonly stateDir: string | undefined
  readonly topicPrefix: string
  readonly kafkaBrokers: string | undefined
  /** `http://127.0.0.1:4566`: a DynamoDB to use instead of starting one. */
  readonly dynamodbEndpoint: string | undefined
  readonly sweepSeconds: number
}

/** An empty variable counts as not set. Throws CannotStart whose one line names every variable that is wrong. */
export function readVariables<T>(schema: z.ZodType<T>, environment: NodeJS.ProcessEnv): T {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const result = schema.safeParse(set)
  if (result.success) return result.data
  throw new CannotStart(
    result.error.issues
      .map(({ path, message }) => `${path.join('.')} ${message}, not "${String(set[String(path[0])])}"`)
      .join('; '),
  )
}

/** Throws CannotStart whose one line names every variable that is wrong. */
export function readSettings(environment: NodeJS.ProcessEnv): StartSettings {
  const { PORT, KAFKA_PORT, DYNAMODB_PORT, KAFKA_BROKERS, DYNAMODB_ENDPOINT, ...others } = readVariables(
    Environment,
    environment,
  )
  const ports = {
    PORT,
    ...(KAFKA_BROKERS === undefined && { KAFKA_PORT }),
    ...(DYNAMODB_ENDPOINT === undefined && { DYNAMODB_PORT }),
  }
  for (const [name, value] of Object.entries(ports))
    for (const [other, same] of Object.entries(ports))
      if (name < other && value === same)
        throw new CannotStart(`${name} and ${other} are both ${value}: each needs a port of its own`)
  return {
    port: PORT,
    kafkaPort: KAFKA_PORT,
    dynamodbPort: DYNAMODB_PORT,
    ...chosenByVariables(choices, others),
    stateDir: others.STATE_DIR,
    topicPrefix: others.TOPIC_PREFIX,
    kafkaBrokers: KAFKA_BROKERS,
    dynamodbEndpoint: DYNAMODB_ENDPOINT,
    sweepSeconds: others.SWEEP_SECONDS,
  }
}
