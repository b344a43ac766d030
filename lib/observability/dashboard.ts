/** One page that answers: do sagas end, how long do they take, what is in the way, and does anything fail. */
import { Dashboard, GraphWidget, type IMetric, type IWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import type { WiredFunction, Wiring } from '#engine/catalog/wiring.ts'
import type { StageSettings } from '../config.ts'
import { eachOf, ofApi, ofFunction, ours } from './metrics.ts'

interface Props {
  readonly settings: StageSettings
  readonly wiring: Pick<Wiring, 'functions' | 'tables'>
}

const HALF = 12

export class StageDashboard extends Dashboard {
  constructor(scope: Construct, id: string, { settings, wiring }: Props) {
    super(scope, id, { dashboardName: `recourse-${settings.stage}` })
    const { functions } = wiring
    const physical = (fn: WiredFunction) => `${settings.namePrefix}${fn.name}`
    const consumers = functions.filter(({ sources }) => sources.length > 0)
    const workers = functions.filter(({ kind }) => kind !== 'http')
    const letters = functions.filter(({ deadLetterTopics }) => deadLetterTopics !== undefined)

    for (const fn of functions) if (fn.saga !== undefined) this.addWidgets(...rowOfSaga(fn.saga, physical(fn)))
    this.addWidgets(
      graph(
        'Dead letters by topic',
        letters.map(fn => eachOf('deadLettersIndexed', physical(fn), ['topic'])),
      ),
      graph(
        'Records behind',
        consumers.map(fn => ofFunction('OffsetLag', physical(fn), 'Maximum').with({ label: fn.name })),
      ),
    )
    this.addWidgets(
      graph(
        'Duplicates',
        consumers.map(fn => ours('duplicates', physical(fn)).with({ label: fn.name })),
      ),
      graph(
        'Conditions lost to another writer',
        consumers.map(fn => ours('lostConditions', physical(fn)).with({ label: fn.name })),
      ),
    )
    this.addWidgets(
      graph('API: requests and errors', [
        ofApi('Count', `${settings.namePrefix}recourse`),
        ofApi('4XXError', `${settings.namePrefix}recourse`),
        ofApi('5XXError', `${settings.namePrefix}recourse`),
      ]),
      graph(
        'API: latency (ms)',
        ['p50', 'p99'].map(statistic =>
          ofApi('Latency', `${settings.namePrefix}recourse`, statistic).with({ label: statistic }),
        ),
      ),
    )
    this.addWidgets(
      graph(
        'Failed invocations',
        workers.map(fn => ofFunction('Errors', physical(fn)).with({ label: fn.name })),
      ),
      graph(
        'Time of an invocation (ms, p99)',
        workers.map(fn => ofFunction('Duration', physical(fn), 'p99').with({ label: fn.name })),
      ),
    )
  }
}

function rowOfSaga(saga: string, service: string): IWidget[] {
  const counts = ['sagasStarted', 'sagasCompleted', 'sagasAborted', 'sagasStuck']
  return [
    new TextWidget({ markdown: `## Saga ${saga}`, width: 2 * HALF, height: 1 }),
    graph(
      'Begun and ended',
      counts.map(name => ours(name, service, { saga }).with({ label: name })),
    ),
    graph('Time of a step (ms, p99)', [eachOf('stepLatency', service, ['saga', 'step'], 'p99')]),
    graph(
      'Time from the beginning to the end (ms)',
      ['p50', 'p99'].map(statistic => ours('timeToTerminal', service, { saga }, statistic).with({ label: statistic })),
    ),
  ]
}

const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: HALF, height: 6 })
