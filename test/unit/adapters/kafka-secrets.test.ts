import { describe, expect, it } from 'vitest'
import { readPlainAccess } from '#engine/adapters/kafka/secrets.ts'
import { RetryableError } from '#engine/model/errors.ts'

const secretArn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka-aBc123'
const rootCertificateSecretArn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka-root-dEf456'
const holding = (content: string | undefined) => async () => content
const failing = (name: string) => async () => {
  throw Object.assign(new Error('as AWS says it'), { name })
}
const failureOf = (read: () => Promise<string | undefined>) =>
  readPlainAccess({ secretArn }, read).then(
    () => undefined,
    (error: unknown) => error as RetryableError,
  )

describe('the secrets of a Kafka behind SASL/PLAIN', () => {
  it('are a user name and a password, and a root certificate if there is one', async () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----'
    const read = async (arn: string) =>
      JSON.stringify(arn === secretArn ? { username: '$ConnectionString', password: 'p"w', more: 1 } : { certificate })
    const credentials = { username: '$ConnectionString', password: 'p"w' }
    expect(await readPlainAccess({ secretArn }, read)).toEqual(credentials)
    expect(await readPlainAccess({ secretArn, rootCertificateSecretArn }, read)).toEqual({
      ...credentials,
      rootCertificate: certificate,
    })
  })

  it.each([
    ['is not there', failing('ResourceNotFoundException'), /does not exist .*create it/],
    ['may not be read', failing('AccessDeniedException'), /may not be read .*secretsmanager:GetSecretValue/],
    ['is about to be deleted', failing('InvalidRequestException'), /restore it/],
    ['has a key that is not ours', failing('DecryptionFailure'), /can not be decrypted/],
    ['is bytes', holding(undefined), /is not JSON/],
    ['is no JSON', holding('hunter2'), /is not JSON: put \{"username": …, "password": …\} into it/],
    ['is no object', holding('"hunter2"'), /is not a JSON object/],
    ['has no password', holding('{"username":"hunter2"}'), /has no usable password: put/],
    ['has an empty user name', holding('{"username":"","password":"hunter2"}'), /has no usable username/],
    ['has neither', holding('{"user":"hunter2"}'), /has no usable username and password/],
  ])('are named with the remedy where one %s', async (_, read, publishes) => {
    const error = await failureOf(read)
    expect(error).toBeInstanceOf(RetryableError)
    expect(error).toMatchObject({ code: 'KAFKA_SECRET' })
    expect(error?.message).toMatch(publishes)
    expect(error?.message).toContain(`${secretArn} (KAFKA_SECRET_ARN)`)
  })

  it.each(['hunter2', '"hunter2"', '{"username":"hunter2"}', '{"username":"a","password":["hunter2"]}'])(
    'are never quoted: %s',
    async content => {
      const error = await failureOf(holding(content))
      const causes = [error, error?.cause].map(one => (one instanceof Error ? `${one.message} ${one.stack}` : ''))
      expect(causes.join()).not.toContain('hunter2')
    },
  )

  it('are told apart: the certificate has a variable of its own', async () => {
    const read = async (arn: string) =>
      arn === secretArn ? '{"username":"a","password":"b"}' : '{"certificate":"not PEM"}'
    await expect(readPlainAccess({ secretArn, rootCertificateSecretArn }, read)).rejects.toThrow(
      `${rootCertificateSecretArn} (KAFKA_CA_SECRET_ARN) has no usable certificate: put {"certificate": "<PEM>"}`,
    )
  })

  it('are tried again after an outage, which is not the secret’s fault', async () => {
    const error = await failureOf(failing('TimeoutError'))
    expect(error).toMatchObject({ name: 'RetryableError', code: 'SECRETS_MANAGER' })
  })
})
