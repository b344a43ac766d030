import './timer-shim.ts'
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs'
import { ConfigurationError } from '../../model/errors.ts'
import type { Log } from '../../model/ports.ts'
import { plainMechanism } from './plain.ts'
import { type PlainSecrets, type ReadSecret, readPlainAccess } from './secrets.ts'

export type KafkaAuth = 'iam' | 'plain' | 'none'

export interface KafkaClientOptions {
  /** `host:port` */
  readonly brokers: readonly string[]
  readonly auth: KafkaAuth
  readonly clientId: string
  readonly log: Log
  /** For `plain`. */
  readonly secrets?: PlainSecrets | undefined
  /** Secrets Manager unless given. */
  readonly readSecret?: ReadSecret
}

/** With these a dead broker is known within a second, and one that hangs within 16; kafkajs's own would wait for minutes. */
const BOUNDS = {
  connectionTimeout: 3000,
  requestTimeout: 5000,
  retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1000 },
} satisfies Partial<KafkaConfig>

/**
 * Makes kafkajs clients with bounded waits. With `plain`, each one has the secrets as they are when it is made: kafkajs
 * keeps what it was given, so after a rotation it takes another client. Throws ConfigurationError that names the variable.
 */
export function kafkaClients(options: KafkaClientOptions): () => Promise<Kafka> {
  const { brokers, clientId, log } = options
  const access = accessOf(options)
  return async () =>
    new Kafka({
      ...BOUNDS,
      ...(await access()),
      brokers: [...brokers],
      clientId,
      logLevel: logLevel.WARN,
      logCreator:
        () =>
        ({ level, namespace, log: { message, timestamp: _timestamp, logger: _logger, ...fields } }) =>
          log[level <= logLevel.ERROR ? 'error' : 'warn'](`kafkajs: ${message}`, { namespace, ...fields }),
    })
}

type Access = Pick<KafkaConfig, 'ssl' | 'sasl'>

function accessOf({ auth, secrets, readSecret = fromSecretsManager }: KafkaClientOptions): () => Promise<Access> {
  if (auth === 'none') return async () => ({})
  if (auth === 'iam')
    return async () => ({ ssl: true, sasl: { mechanism: 'oauthbearer', oauthBearerProvider: iamToken } })
  if (!secrets)
    throw new ConfigurationError(
      'KAFKA_AUTH is plain, but KAFKA_SECRET_ARN is not set: it names the secret that holds a username and a password',
      { code: 'KAFKA_SECRET_ARN' },
    )
  return async () => {
    const { username, password, rootCertificate } = await readPlainAccess(secrets, readSecret)
    return {
      ssl: rootCertificate === undefined ? true : { ca: [rootCertificate] },
      sasl: plainMechanism({ username, password }),
    }
  }
}

/** Loaded only where it is used. */
async function fromSecretsManager(arn: string): Promise<string | undefined> {
  const { readSecret } = await import('../secrets-manager.ts')
  return readSecret(arn)
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
