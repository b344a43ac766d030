import './timer-shim.ts'
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs'
import { ConfigurationError } from '../../errors.ts'
import type { Log } from '../../ports.ts'

export type KafkaAuth = 'iam' | 'plain' | 'none'

export interface KafkaClientOptions {
  /** `host:port` */
  readonly brokers: readonly string[]
  readonly auth: KafkaAuth
  readonly clientId: string
  readonly log: Log
  /** For `plain`. */
  readonly credentials?: { readonly username: string; readonly password: string }
}

/** With these a dead broker is known within a second, and one that hangs within 16; kafkajs's own would wait for minutes. */
const BOUNDS = {
  connectionTimeout: 3000,
  requestTimeout: 5000,
  retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1000 },
} satisfies Partial<KafkaConfig>

/** A kafkajs client with bounded waits. Throws ConfigurationError that names the variable. */
export function kafkaClient(options: KafkaClientOptions): Kafka {
  const { brokers, clientId, log } = options
  return new Kafka({
    ...BOUNDS,
    ...authOf(options),
    brokers: [...brokers],
    clientId,
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ level, namespace, log: { message, timestamp: _timestamp, logger: _logger, ...fields } }) =>
        log[level <= logLevel.ERROR ? 'error' : 'warn'](`kafkajs: ${message}`, { namespace, ...fields }),
  })
}

function authOf({ auth, credentials }: KafkaClientOptions): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  if (auth === 'none') return {}
  if (auth === 'iam') return { ssl: true, sasl: { mechanism: 'oauthbearer', oauthBearerProvider: iamToken } }
  if (credentials) return { ssl: true, sasl: { mechanism: 'plain', ...credentials } }
  throw new ConfigurationError(
    'KAFKA_AUTH is plain, but there are no credentials: the secret that KAFKA_SECRET_ARN names must hold a username and a password',
    { code: 'KAFKA_SECRET_ARN' },
  )
}

/** A signed request to connect, made locally, good for 15 minutes. The signer is loaded only where it is used. */
async function iamToken(): Promise<{ value: string }> {
  const region = process.env['AWS_REGION']
  if (!region)
    throw new ConfigurationError('AWS_REGION is not set: KAFKA_AUTH=iam signs for a region', { code: 'AWS_REGION' })
  const { generateAuthToken } = await import('aws-msk-iam-sasl-signer-js')
  const { token } = await generateAuthToken({ region })
  return { value: token }
}
