import type { Log, Measure } from '../../model/ports.ts'
import { logLine, oneLine } from './log-line.ts'

export interface JsonLogOptions {
  /** On every line and metric; the function's name unless given. */
  readonly service?: string
  /** Gets each line, without its end; standard output unless given. */
  readonly write?: (line: string) => void
  readonly now?: () => number
}

const NAMESPACE = 'Recourse'
/** The format's limit for one metric of a line. */
const VALUES_MAX = 100

/**
 * One line of JSON a message, to standard output. Counts are CloudWatch's embedded metric format: a log line that
 * becomes a metric without a call, in the namespace `Recourse` by `service` and the given dimensions.
 */
export function jsonLog(options: JsonLogOptions = {}): Log {
  const {
    service = process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'recourse',
    write = line => void process.stdout.write(`${line}\n`),
    now = Date.now,
  } = options
  const line =
    (level: string) =>
    (message: string, fields: { readonly [field: string]: unknown } = {}) =>
      write(logLine({ time: new Date(now()).toISOString(), level, service, message }, fields))
  /** Measures of the same dimensions in as few lines as the format allows. */
  const embed = (
    dimensions: Measure['dimensions'],
    measures: readonly Measure[],
    sets: readonly (readonly string[])[] = [Object.keys(dimensions)],
  ) => {
    for (let from = 0; from < measures.length; from += VALUES_MAX) {
      const series = [...Map.groupBy(measures.slice(from, from + VALUES_MAX), ({ name }) => name)]
      const metrics = {
        Namespace: NAMESPACE,
        Dimensions: sets.map(names => ['service', ...names]),
        Metrics: series.map(([name, [first]]) => ({ Name: name, Unit: first?.unit })),
      }
      const values = series.map(([name, of]) => [name, shortest(of)] as const)
      write(
        oneLine(
          JSON.stringify({
            _aws: { Timestamp: now(), CloudWatchMetrics: [metrics] },
            ...dimensions,
            service,
            ...Object.fromEntries(values),
          }),
        ),
      )
    }
  }
  return {
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    count(name, value = 1, dimensions = {}) {
      const names = Object.keys(dimensions)
      // By the service alone too: an alarm cannot add up dimensions.
      embed(dimensions, [{ name, value, unit: 'Count', dimensions }], names.length > 0 ? [[], names] : [[]])
    },
    measure(measures) {
      for (const same of Map.groupBy(measures, ({ dimensions }) => JSON.stringify(dimensions)).values())
        embed(same[0]?.dimensions ?? {}, same)
    },
  }
}

/** Counts add up; of anything else each value is told. */
function shortest(measures: readonly Measure[]): number | number[] {
  const values = measures.map(({ value }) => value)
  if (measures[0]?.unit === 'Count') return values.reduce((sum, value) => sum + value, 0)
  return values.length === 1 ? (values[0] as number) : values
}
