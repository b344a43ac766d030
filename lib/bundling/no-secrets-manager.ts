/**
 * Stands in a bundle for `@aws-sdk/client-secrets-manager` where Kafka is reached by IAM: 33 KB of a consumer, 173 of a
 * function without DynamoDB.
 */
function leftOut(): never {
  throw new Error(
    "@aws-sdk/client-secrets-manager is left out of the bundle: KAFKA_AUTH=plain needs one that was made for kafka.kind 'self-managed'",
  )
}

export { leftOut as GetSecretValueCommand, leftOut as SecretsManagerClient }
