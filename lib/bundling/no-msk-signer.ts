/** Stands in a bundle for `aws-msk-iam-sasl-signer-js` where Kafka is reached by a user name and a password. */
export function generateAuthToken(): never {
  throw new Error(
    'aws-msk-iam-sasl-signer-js is left out of the bundle: KAFKA_AUTH=iam needs one that was made for Amazon MSK',
  )
}
