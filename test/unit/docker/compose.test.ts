/** What of `localstack/compose.yml` can be told without Docker, which did not run it here. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { settingsOf } from '../../../lib/config.ts'

const root = join(import.meta.dirname, '../../..')
const { services, networks } = parse(readFileSync(join(root, 'localstack/compose.yml'), 'utf8')) as {
  services: Record<
    string,
    {
      image: string
      ports: string[]
      networks: string[]
      command?: string[]
      environment?: Record<string, string | number>
      healthcheck: { test: string[] }
      depends_on?: Record<string, { condition: string }>
    }
  >
  networks: Record<string, { name: string }>
}
const each = Object.entries(services)

describe('localstack/compose.yml', () => {
  it('has LocalStack 4.14.0, Redpanda, its console and the provider', () => {
    expect(Object.keys(services)).toEqual(['localstack', 'redpanda', 'console', 'provider'])
    expect(services['localstack']?.image).toBe('localstack/localstack:4.14.0')
  })

  it.each(each)('pins the image of %s', (_, { image }) => expect(image).toMatch(/^[\w/]+:v?\d+\.\d+\.\d+(-slim)?$/))

  it.each(each)('asks %s whether it is well', (_, { healthcheck }) => {
    expect(healthcheck.test[0]).toMatch(/^CMD(-SHELL)?$/)
    expect(healthcheck.test.length).toBeGreaterThan(1)
  })

  it.each(each)('opens %s to this machine alone, and to the others', (_, { ports, networks: own }) => {
    expect(ports.filter(port => !/^127\.0\.0\.1:\$\{[A-Z]+_PORT:-\d+\}:\d+$/.test(port))).toEqual([])
    expect(own).toEqual(['recourse'])
  })

  it('runs the Node that runs everything else', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules/node/package.json'), 'utf8')) as {
      version: string
    }
    expect(services['provider']?.image).toBe(`node:${version}-slim`)
  })

  it('has what the stage localstack tells its functions', () => {
    const { localstack } = settingsOf('localstack')
    expect(services['redpanda']?.command).toEqual(
      expect.arrayContaining(['--set', 'redpanda.auto_create_topics_enabled=false']),
    )
    const advertised = services['redpanda']?.command?.find(word => word.startsWith('--advertise-kafka-addr='))
    expect(localstack?.bootstrapServers.map(server => `internal://${server}`)).toEqual([
      advertised?.split('=')[1]?.split(',')[0],
    ])
    expect(services['localstack']?.environment?.['LAMBDA_DOCKER_NETWORK']).toBe(networks['recourse']?.name)
  })
})
