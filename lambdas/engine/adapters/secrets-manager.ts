import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

/** A call ends within about 25 s, as DynamoDB's. */
const CONNECT_WITHIN_MS = 3000
const ANSWER_WITHIN_MS = 5000
const ATTEMPTS_MAX = 3

/**
 * The text of a secret, as it is now. Region: the one in the ARN; credentials and endpoint are the environment's
 * (`AWS_ENDPOINT_URL_SECRETS_MANAGER`). Throws the SDK's errors; a secret of bytes has no text and is undefined.
 */
export async function readSecret(arn: string): Promise<string | undefined> {
  const region = arn.split(':')[3]
  const client = new SecretsManagerClient({
    ...(region && { region }),
    maxAttempts: ATTEMPTS_MAX,
    requestHandler: {
      connectionTimeout: CONNECT_WITHIN_MS,
      requestTimeout: ANSWER_WITHIN_MS,
      throwOnRequestTimeout: true,
    },
  })
  // The SDK's own log would hold the secret.
  client.middlewareStack.remove('loggerMiddleware')
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }))
    return SecretString
  } finally {
    client.destroy()
  }
}
