/** Who is woken by what, and what they are told to do. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { quotings } from '../../lambdas/quoting.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { type SettingsInput, stages } from '../../lib/config.ts'
import { describeStage } from './fixtures/synthesized.ts'

const runbooks = join(import.meta.dirname, '../../docs/runbooks')
const wiring = readCatalog(catalogFor({ quoting: 'orchestration' }))
const observed = (settings: Partial<SettingsInput>, of = wiring) =>
  describeStage({ wiring: of, settings: { ...stages['dev'], ...settings } }).template('observability')
const standard = observed({ kafka: { kind: 'msk-standard' } })

interface Alarm {
  readonly AlarmName: string
  readonly AlarmDescription: string
  readonly AlarmActions: unknown[]
}
const alarms = Object.values(standard.findResources('AWS::CloudWatch::Alarm')).map(
  ({ Properties }) => Properties as Alarm,
)
const pageOf = ({ AlarmDescription }: Alarm) => / What to do: docs\/runbooks\/(.+\.md)$/.exec(AlarmDescription)?.[1]

describe('alarms', () => {
  it('each name a runbook that is there, and each runbook has its alarm', () => {
    expect(new Set(alarms.map(pageOf))).toEqual(new Set(readdirSync(runbooks)))
  })

  it('all go to the receivers', () => {
    for (const { AlarmName, AlarmActions } of alarms) expect(AlarmActions, AlarmName).toHaveLength(1)
  })

  it('watch every saga, whatever the wiring, by the metric that its orchestrator writes', () => {
    for (const quoting of quotings) {
      const of = readCatalog(catalogFor({ quoting }))
      const template = observed({ quoting }, of)
      for (const { saga, name } of of.functions)
        if (saga !== undefined)
          template.hasResourceProperties('AWS::CloudWatch::Alarm', {
            Namespace: 'Recourse',
            MetricName: 'sagasStuck',
            Dimensions: [
              { Name: 'saga', Value: saga },
              { Name: 'service', Value: `dev-${name}` },
            ],
            Threshold: 1,
            EvaluationPeriods: 1,
            TreatMissingData: 'notBreaching',
          })
    }
  })

  it('take a clock that does not run for bad news', () => {
    standard.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Invocations',
      Dimensions: [{ Name: 'FunctionName', Value: 'dev-timeouts' }],
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    })
  })

  it('say where the runbooks are read, if the stage says so', () => {
    const settings = { alarms: { runbooks: 'https://example.com/runbooks' } }
    const template = observed(settings)
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: Match.stringLikeRegexp('What to do: https://example.com/runbooks/saga-stuck.md$'),
    })
  })
})

describe('runbooks', () => {
  it.each(readdirSync(runbooks))('%s says what it means, what to look at and what to do', page => {
    const text = readFileSync(join(runbooks, page), 'utf8')
    expect(text).toMatch(/^# .+\n.{80,}\n\n## What to look at\n(- .+\n)+\n## What to do\n(- .+\n)+$/)
  })
})

describe('the dashboard', () => {
  it('shows every saga: begun and ended, its steps, its whole time', () => {
    const [dashboard] = Object.values(standard.findResources('AWS::CloudWatch::Dashboard'))
    const body = JSON.stringify(dashboard?.['Properties'])
    const sagas = wiring.functions.flatMap(({ saga }) => saga ?? [])
    expect(sagas).not.toEqual([])
    const titles = sagas.map(saga => `## Saga ${saga}`)
    for (const text of [...titles, 'sagasStuck', 'stepLatency', 'timeToTerminal', 'OffsetLag'])
      expect(body).toContain(text)
  })
})
