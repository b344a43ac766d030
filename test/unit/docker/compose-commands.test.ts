/** How Docker is asked, by a program in its place that writes down what it was told. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { downWithCompose, upWithCompose } from '../../../localstack/docker/compose.ts'

const ports = { localstack: 14_566, kafka: 29_092, provider: 28_080 }
let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'recourse-docker-'))))
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

/** A `docker` that fails where the pattern matches what it is told. */
async function docker(fails = '^$') {
  const program = join(folder, 'docker')
  const lines = [
    '#!/bin/sh',
    `echo "$* $LOCALSTACK_PORT $KAFKA_PORT $PROVIDER_PORT" >> '${join(folder, 'told')}'`,
    `echo "$*" | grep -Eq '${fails}' && exit 7`,
    '[ "$1" = ps ] && printf "0a1b\\n2c3d\\n"',
    'exit 0',
  ]
  await writeFile(program, lines.join('\n'))
  await chmod(program, 0o755)
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH']}`)
}
const told = async () => (await readFile(join(folder, 'told'), 'utf8')).trim().split('\n').slice(3)

describe('Docker', () => {
  it('brings everything up and waits until it is well', async () => {
    await docker()
    const place = await upWithCompose(ports)
    expect(place).toMatchObject({
      title: 'LocalStack',
      endpoint: 'http://127.0.0.1:14566',
      brokers: ['127.0.0.1:29092'],
    })
    expect(place.provider.url).toBe('http://127.0.0.1:28080')
    expect(await told()).toEqual([
      expect.stringMatching(
        /^compose --file \S+compose\.yml up --detach --wait --wait-timeout \d+ localstack redpanda provider 14566 29092 28080$/,
      ),
      expect.stringMatching(/compose\.yml up --detach console /),
    ])
  })

  it('takes everything down, with its data', async () => {
    await docker()
    await downWithCompose(ports)
    expect(await told()).toEqual([
      expect.stringMatching(/compose\.yml stop localstack /),
      expect.stringMatching(/^ps --all --quiet --filter name=\^recourse-localstack-1-lambda- /),
      expect.stringMatching(/^rm --force 0a1b 2c3d /),
      expect.stringMatching(/compose\.yml down --volumes --remove-orphans /),
    ])
  })

  it.each([
    ['^--version', 'Docker is missing'],
    ['^version', 'the Docker engine does not answer'],
    ['^compose version', 'Docker Compose v2 is missing'],
    [' up ', 'docker compose up ended with code 7'],
  ])('that fails at %s is told in words', async (fails, words) => {
    await docker(fails)
    await expect(upWithCompose(ports)).rejects.toMatchObject({
      name: 'CannotStart',
      message: expect.stringContaining(words),
    })
  })
})
