/** The metrics that alarms and the dashboard look at: ours in the namespace `Recourse`, and AWS's own. */
import { Duration } from 'aws-cdk-lib'
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'

const FIVE_MINUTES = Duration.minutes(5)

/** Physical names of what is measured. */
export interface Names {
  readonly functionOf: (name: string) => string
  readonly api: string
}

/** What a function counts or measures by its log (`lambdas/engine/adapters/node/log.ts`). */
export const ours = (metricName: string, service: string, dimensions: Record<string, string> = {}, statistic = 'Sum') =>
  new Metric({
    namespace: 'Recourse',
    metricName,
    dimensionsMap: { service, ...dimensions },
    statistic,
    period: FIVE_MINUTES,
  })

/** One of ours in all its dimensions: `step`, `topic` … a line each. For dashboards; an alarm cannot search. */
export const eachOf = (metricName: string, service: string, dimensions: readonly string[], statistic = 'Sum') =>
  new MathExpression({
    expression: `SEARCH('{Recourse,${['service', ...dimensions].join(',')}} MetricName="${metricName}" service="${service}"', '${statistic}', 300)`,
    usingMetrics: {},
    label: '',
    period: FIVE_MINUTES,
  })

export const ofFunction = (metricName: string, functionName: string, statistic = 'Sum') =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionName },
    statistic,
    period: FIVE_MINUTES,
  })

export const ofApi = (metricName: string, apiName: string, statistic = 'Sum') =>
  new Metric({
    namespace: 'AWS/ApiGateway',
    metricName,
    dimensionsMap: { ApiName: apiName },
    statistic,
    period: FIVE_MINUTES,
  })

export const ofTable = (metricName: string, tableName: string) =>
  new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: { TableName: tableName },
    statistic: 'Sum',
    period: FIVE_MINUTES,
  })

/** `broker`: from 1; of the cluster as a whole unless given. */
export const ofCluster = (metricName: string, clusterName: string, statistic: string, broker?: number) =>
  new Metric({
    namespace: 'AWS/Kafka',
    metricName,
    dimensionsMap: { 'Cluster Name': clusterName, ...(broker !== undefined && { 'Broker ID': String(broker) }) },
    statistic,
    period: FIVE_MINUTES,
  })
