/** What a Kafka behind TLS and SASL/PLAIN asks for, from Secrets Manager, in the shapes that Lambda's event sources read too. */
import * as z from 'zod'
import { RetryableError } from '../../model/errors.ts'

export interface PlainAccess {
  readonly username: string
  readonly password: string
  /** The root certificate to trust in place of Node's own, as PEM. */
  readonly rootCertificate?: string
}

/** The ARNs of the secrets, by the variables that name them. */
export interface PlainSecrets {
  /** `{"username": …, "password": …}`: `KAFKA_SECRET_ARN` */
  readonly secretArn: string
  /** `{"certificate": "-----BEGIN CERTIFICATE-----…"}`: `KAFKA_CA_SECRET_ARN` */
  readonly rootCertificateSecretArn?: string | undefined
}

/** The text of a secret. */
export type ReadSecret = (arn: string) => Promise<string | undefined>

const text = z.string().min(1)
const Credentials = z.object({ username: text, password: text })
const Certificate = z.object({ certificate: text.includes('-----BEGIN CERTIFICATE-----') })

/**
 * Reads the secrets now. Throws RetryableError, since a secret is mended without a deployment and the records wait:
 * `KAFKA_SECRET` names the secret, its variable and what is wrong with it, never what it holds;
 * `SECRETS_MANAGER` is an outage.
 */
export async function readPlainAccess(
  { secretArn, rootCertificateSecretArn }: PlainSecrets,
  read: ReadSecret,
): Promise<PlainAccess> {
  const [credentials, root] = await Promise.all([
    parsed(
      { arn: secretArn, variable: 'KAFKA_SECRET_ARN', shape: '{"username": …, "password": …}' },
      Credentials,
      read,
    ),
    rootCertificateSecretArn === undefined
      ? undefined
      : parsed(
          { arn: rootCertificateSecretArn, variable: 'KAFKA_CA_SECRET_ARN', shape: '{"certificate": "<PEM>"}' },
          Certificate,
          read,
        ),
  ])
  return { ...credentials, ...(root && { rootCertificate: root.certificate }) }
}

interface Secret {
  readonly arn: string
  readonly variable: string
  /** For people. */
  readonly shape: string
}

async function parsed<S extends z.ZodType>(secret: Secret, schema: S, read: ReadSecret): Promise<z.infer<S>> {
  const content = await read(secret.arn).catch((error: unknown) => {
    throw asSecretError(secret, error)
  })
  const result = schema.safeParse(jsonOf(secret, content))
  if (result.success) return result.data
  // The fields alone: an issue of zod's may hold what it was given.
  const fields = [...new Set(result.error.issues.map(({ path }) => path.join('.')))].filter(field => field !== '')
  throw wrong(
    secret,
    fields.length > 0 ? `has no usable ${fields.join(' and ')}` : 'is not a JSON object',
    `put ${secret.shape} into it`,
  )
}

function jsonOf(secret: Secret, content: string | undefined): unknown {
  try {
    return JSON.parse(content ?? '')
  } catch {
    // Its cause would quote the secret.
    throw wrong(secret, 'is not JSON', `put ${secret.shape} into it`)
  }
}

/** What Secrets Manager says when trying again does not help, and what does. */
const REFUSALS: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ResourceNotFoundException: ['does not exist', "create it, or correct the stage's setting"],
  AccessDeniedException: [
    'may not be read by this function',
    'its role needs secretsmanager:GetSecretValue, and kms:Decrypt if the secret has a key of its own',
  ],
  InvalidRequestException: ['can not be read as it is', 'restore it if it is about to be deleted'],
  DecryptionFailure: ['can not be decrypted', "let this function's role use its key"],
  InvalidParameterException: ['has no such name', "correct the stage's setting"],
  ValidationException: ['has no such name', "correct the stage's setting"],
}

function asSecretError(secret: Secret, error: unknown): RetryableError {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  const refusal = Object.hasOwn(REFUSALS, name) ? REFUSALS[name] : undefined
  if (refusal) return wrong(secret, `${refusal[0]} (${name}: ${message})`, refusal[1], error)
  return new RetryableError(`the secret ${secret.arn} (${secret.variable}) could not be read: ${name}: ${message}`, {
    code: 'SECRETS_MANAGER',
    cause: error,
  })
}

const wrong = ({ arn, variable }: Secret, what: string, remedy: string, cause?: unknown) =>
  new RetryableError(`the secret ${arn} (${variable}) ${what}: ${remedy}`, { code: 'KAFKA_SECRET', cause })
