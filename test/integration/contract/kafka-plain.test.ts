/** The publisher against a Kafka as others run it: TLS, SASL/PLAIN, the password in a secret. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { KafkaPublisher } from '#engine/adapters/kafka/publisher.ts'
import type * as handling from '#engine/adapters/lambda/kafka-handler.ts'
import { memoryLog } from '#engine/adapters/memory/log.ts'
import type { RetryableError } from '#engine/model/errors.ts'
import { bundle } from '../../../lib/bundling/bundle.ts'
import { freePort, type Kafka, startKafka } from '../../../localstack/servers/index.ts'
import { type Certificates, makeCertificates } from '../../support/certificates.ts'
import { createTopics, readTopic, testKafka } from '../../support/kafka.ts'
import { type SecretsManager, startSecretsManager } from '../../support/secrets-manager.ts'

const arn = (name: string) => `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}-aBc123`
const SECRET = arn('kafka')
const ROOT = arn('kafka-root')
const USER = '$ConnectionString'
const PASSWORD = 'Endpoint=sb://ns.example.com/;SharedAccessKeyName=all;SharedAccessKey=c2VjcmV0+/='
const record = (value: string) => ({ topic: 'hub', key: 'a', value, headers: {} })

let dir: string
let certificates: Certificates
let securedPort: number
let kafka: Kafka
let manager: SecretsManager
let publisherOf: typeof handling.publisherOf
const open: KafkaPublisher[] = []

/** The broker with its secured listener; again on the same data, it has the same ports. */
async function start(password: string) {
  kafka = await startKafka({
    port: kafka?.port ?? (await freePort()),
    dir: join(dir, 'kafka'),
    secured: { ...certificates, port: securedPort, users: { [USER]: password } },
  })
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'recourse-plain-'))
  manager = await startSecretsManager()
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', manager.endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
  securedPort = await freePort()
  // As it is deployed: a bundle leaves out packages, replaces them and loads them late.
  const entry = { name: 'publisher', entry: 'lambdas/engine/adapters/lambda/kafka-handler.ts' }
  const bundled = bundle([entry], { auth: 'plain', outDir: join(dir, 'dist') })
  certificates = await makeCertificates(dir)
  await start(PASSWORD)
  await createTopics(testKafka(kafka.brokers), ['ci-hub'], 1)
  const [made] = await bundled
  const { href } = pathToFileURL(join(made?.folder ?? '', 'index.mjs'))
  ;({ publisherOf } = (await import(href)) as typeof handling)
})
afterAll(async () => {
  await Promise.allSettled([...open.map(publisher => publisher.disconnect()), kafka?.stop(), manager?.stop()])
  vi.unstubAllEnvs()
  await rm(dir, { recursive: true, force: true })
})
beforeEach(() => {
  manager.refused.clear()
  manager.asked.length = 0
  keep(PASSWORD)
  keepRoot(certificates.rootCertificate)
})

const keep = (password: string) => void manager.secrets.set(SECRET, JSON.stringify({ username: USER, password }))
const keepRoot = (certificate?: string) => void manager.secrets.set(ROOT, JSON.stringify({ certificate }))

/** As a function makes it of its environment. */
function publisher(secrets: { KAFKA_SECRET_ARN: string; KAFKA_CA_SECRET_ARN?: string } = trusting, log = memoryLog()) {
  const brokers = { KAFKA_BROKERS: [`127.0.0.1:${securedPort}`], KAFKA_AUTH: 'plain' as const, TOPIC_PREFIX: 'ci-' }
  const made = publisherOf({ ...brokers, ...secrets, PUBLISHES: {} }, log)
  open.push(made)
  return made
}
const trusting = { KAFKA_SECRET_ARN: SECRET, KAFKA_CA_SECRET_ARN: ROOT }

/** How it failed, and within how many milliseconds. The bundle has error classes of its own: by their names. */
async function failureOf(published: Promise<void>) {
  const since = performance.now()
  const error = await published.then(
    () => undefined,
    (thrown: unknown) => thrown as Partial<RetryableError>,
  )
  return { name: error?.name, code: error?.code, message: error?.message ?? '', ms: performance.now() - since }
}

describe('the publisher on a Kafka with TLS and SASL/PLAIN', () => {
  it('publishes with the password of the secret, which it reads once', async () => {
    const tested = publisher()
    await Promise.all([tested.publish([record('1'), record('2')]), tested.publish([record('3')])])
    await tested.publish([record('4')])
    const values = (await readTopic(testKafka(kafka.brokers), 'ci-hub', 4)).map(({ value }) => value?.toString())
    expect(new Set(values)).toEqual(new Set(['1', '2', '3', '4']))
    expect(manager.asked).toHaveLength(2)
    expect(new Set(manager.asked)).toEqual(new Set([SECRET, ROOT]))
  })

  it('names the secret when its password is wrong, at once, and takes the right one when it is there', async () => {
    keep('wrong-hunter2')
    const log = memoryLog()
    const tested = publisher(trusting, log)
    const failure = await failureOf(tested.publish([record('refused')]))
    expect(failure).toMatchObject({ name: 'RetryableError', code: 'KAFKA_AUTHENTICATION' })
    expect(failure.message).toContain(`put the right ones into the secret ${SECRET} (KAFKA_SECRET_ARN)`)
    expect(failure.ms).toBeLessThan(2000)
    expect(JSON.stringify([failure, log.lines])).not.toContain('hunter2')
    keep(PASSWORD)
    await tested.publish([record('accepted')])
  })

  it('names the variable for the root certificate when the broker’s is not trusted', async () => {
    const failure = await failureOf(publisher({ KAFKA_SECRET_ARN: SECRET }).publish([record('untrusted')]))
    expect(failure).toMatchObject({ name: 'RetryableError', code: 'KAFKA_CERTIFICATE' })
    expect(failure.message).toMatch(/SELF_SIGNED_CERT_IN_CHAIN|self-signed certificate/)
    expect(failure.message).toContain('kafka.rootCertificateSecretArn (KAFKA_CA_SECRET_ARN)')
    expect(failure.ms).toBeLessThan(3000)
  })

  it('names the secret with the root certificate when that is of another authority', async () => {
    keepRoot(rootCertificates[0])
    const tested = publisher()
    const failure = await failureOf(tested.publish([record('untrusted')]))
    expect(failure).toMatchObject({ code: 'KAFKA_CERTIFICATE' })
    expect(failure.message).toContain(`put its root certificate into the secret ${ROOT} (KAFKA_CA_SECRET_ARN)`)
    keepRoot(certificates.rootCertificate)
    await tested.publish([record('trusted')])
  })

  it.each([
    ['does not exist', () => manager.secrets.delete(SECRET), 'does not exist (ResourceNotFoundException'],
    ['may not be read', () => manager.refused.add(SECRET), 'may not be read by this function (AccessDeniedException'],
    ['is not JSON', () => manager.secrets.set(SECRET, PASSWORD), 'is not JSON'],
    ['has no password', () => manager.secrets.set(SECRET, '{"username":"a"}'), 'has no usable password'],
  ])('names the secret when it %s, at once', async (_, spoil, publishes) => {
    spoil()
    const tested = publisher()
    const failure = await failureOf(tested.publish([record('no secret')]))
    expect(failure).toMatchObject({ name: 'RetryableError', code: 'KAFKA_SECRET' })
    expect(failure.message).toContain(`the secret ${SECRET} (KAFKA_SECRET_ARN) ${publishes}`)
    expect(failure.message).not.toContain(PASSWORD)
    expect(failure.ms).toBeLessThan(2000)
  })

  it('takes a password that was rotated while it was connected, without a failure', async () => {
    const tested = publisher()
    await tested.publish([record('before')])
    await kafka.stop()
    await start('rotated')
    keep('rotated')
    manager.asked.length = 0
    await tested.publish([record('after')])
    expect(manager.asked).toContain(SECRET)
    const values = (await readTopic(testKafka(kafka.brokers), 'ci-hub', 8)).map(({ value }) => value?.toString())
    expect(values.slice(-2)).toEqual(['before', 'after'])
  })
})
