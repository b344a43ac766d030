/** Alarms with their runbooks, and the dashboard: read off the catalog, so that a new saga or topic is watched too. */
import { Stack, type StackProps } from 'aws-cdk-lib'
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { Construct } from 'constructs'
import type { Wiring } from '#engine/catalog/wiring.ts'
import type { StageSettings } from '../config.ts'
import { alarmsOf, comparisonOf } from '../observability/alarms.ts'
import { StageDashboard } from '../observability/dashboard.ts'
import type { FoundationStack } from './foundation.ts'

interface Props extends StackProps {
  readonly settings: StageSettings
  readonly wiring: Pick<Wiring, 'functions' | 'tables'>
  readonly foundation: Pick<FoundationStack, 'alarmTopic' | 'failedEvents'>
}

export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, { settings, wiring, foundation, ...props }: Props) {
    super(scope, id, props)
    const toReceivers = new SnsAction(foundation.alarmTopic)
    const failedEvents = foundation.failedEvents.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' })
    for (const watched of alarmsOf({ settings, wiring, failedEvents })) {
      const { name, what, runbook, metric, threshold, periods } = watched
      const alarm = new Alarm(this, name, {
        alarmName: `recourse-${settings.stage}-${name}`,
        alarmDescription: `${what} What to do: ${settings.alarms.runbooks}/${runbook}.md`,
        metric,
        threshold,
        evaluationPeriods: periods,
        ...comparisonOf(watched),
      })
      alarm.addAlarmAction(toReceivers)
      alarm.addOkAction(toReceivers)
    }
    new StageDashboard(this, 'Dashboard', { settings, wiring })
  }
}
