import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseSettings, settingsOf } from '../../../../lib/config.ts'
import { readSettings } from '../../../../localstack/runtime/settings.ts'

const root = join(import.meta.dirname, '../../../..')

describe('QUOTING', () => {
  it('is orchestration unless npm start is given another; an empty one counts as not set', () => {
    expect(readSettings({})).toMatchObject({ quoting: 'orchestration' })
    expect(readSettings({ QUOTING: '' })).toMatchObject({ quoting: 'orchestration' })
    expect(readSettings({ QUOTING: 'choreography' })).toMatchObject({ quoting: 'choreography' })
  })

  it('is refused by name', () => {
    expect(() => readSettings({ QUOTING: 'both' })).toThrow(/^QUOTING is .*, not "both"$/)
  })

  it('is the setting quoting of a stage, and nothing that its environment may say', () => {
    expect(settingsOf('dev').environment).toMatchObject({ QUOTING: 'orchestration' })
    expect(settingsOf('dev', { quoting: 'event-sourcing' }).environment).toMatchObject({ QUOTING: 'event-sourcing' })
    const input = { kafka: { kind: 'msk-express' }, environment: { QUOTING: 'orchestration' } }
    expect(() => parseSettings('dev', input)).toThrow('environment.QUOTING: set `quoting` instead')
  })
})

describe('PAYMENT_PROVIDER_URL', () => {
  it('of the stage localstack is the provider of localstack/compose.yml', () => {
    const { services } = parse(readFileSync(join(root, 'localstack/compose.yml'), 'utf8')) as {
      services: Record<string, { environment?: Record<string, string | number> }>
    }
    expect(settingsOf('localstack').environment['PAYMENT_PROVIDER_URL']).toBe(
      `http://provider:${services['provider']?.environment?.['PORT']}`,
    )
  })
})
