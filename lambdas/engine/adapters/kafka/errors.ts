import { ConfigurationError, RetryableError } from '../../model/errors.ts'
import type { PlainSecrets } from './secrets.ts'

/** Node's codes for a certificate that its connection did not accept. */
const CERTIFICATE = /^(CERT_|DEPTH_ZERO_|ERR_TLS_CERT_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY)_)/

/**
 * What kafkajs threw, as what to do about it. It calls an outage "not retriable" once its own tries are used up; what it
 * was is the cause. A refused password and an untrusted certificate are retryable too: whoever mends them finds the
 * records waiting.
 */
export function asPublishError(error: unknown, secrets: PlainSecrets | undefined): Error {
  const root = rootOf(error)
  if (root instanceof ConfigurationError || root instanceof RetryableError) return root
  const why = root instanceof Error ? root.message : String(root)
  if (secrets && isRefusal(root))
    return new RetryableError(
      `Kafka refused the user name or the password (${why}): put the right ones into the secret ${secrets.secretArn} (KAFKA_SECRET_ARN), for Event Hubs "$ConnectionString" and a connection string`,
      { code: 'KAFKA_AUTHENTICATION', cause: error },
    )
  if (isUntrusted(root))
    return new RetryableError(
      `Kafka's certificate is not trusted (${why}): ${remedyFor(secrets)}, or give the brokers a certificate that is valid for their names`,
      { code: 'KAFKA_CERTIFICATE', cause: error },
    )
  return new RetryableError(`Kafka did not take the records: ${why}`, { code: codeOf(root), cause: error })
}

/** Whether other secrets could help: the broker refused the password, or its certificate is not trusted. */
export function blamesSecrets(error: unknown): boolean {
  const root = rootOf(error)
  return isRefusal(root) || isUntrusted(root)
}

const isRefusal = (root: unknown) =>
  root instanceof Error && 'type' in root && root.type === 'SASL_AUTHENTICATION_FAILED'

const isUntrusted = (root: unknown) =>
  root instanceof Error && 'code' in root && typeof root.code === 'string' && CERTIFICATE.test(root.code)

const remedyFor = (secrets: PlainSecrets | undefined) =>
  secrets?.rootCertificateSecretArn === undefined
    ? 'if a private authority issued it, put its root certificate into a secret and name that in kafka.rootCertificateSecretArn (KAFKA_CA_SECRET_ARN)'
    : `put its root certificate into the secret ${secrets.rootCertificateSecretArn} (KAFKA_CA_SECRET_ARN)`

function rootOf(error: unknown): unknown {
  let root = error
  while (root instanceof Error && !(root instanceof RetryableError) && root.cause instanceof Error) root = root.cause
  return root
}

/** `KAFKA_UNKNOWN_TOPIC_OR_PARTITION`, `KAFKA_CONNECTION` … */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'KAFKA_UNKNOWN'
  if ('type' in error && typeof error.type === 'string') return `KAFKA_${error.type}`
  const name = error.name.replace(/^KafkaJS/, '').replace(/Error$/, '')
  return `KAFKA_${name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`
}
