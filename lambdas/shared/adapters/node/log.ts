import type { Log } from '../../ports.ts'

export interface JsonLogOptions {
  /** On every line and metric; the function's name unless given. */
  readonly service?: string
  /** Gets each line, without its end; standard output unless given. */
  readonly write?: (line: string) => void
  readonly now?: () => number
}

const NAMESPACE = 'Recourse'

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
      write(JSON.stringify({ time: new Date(now()).toISOString(), level, service, message, ...fields }, plainErrors))
  return {
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    count(metric, value = 1, dimensions = {}) {
      const names = ['service', ...Object.keys(dimensions)]
      const metrics = [{ Namespace: NAMESPACE, Dimensions: [names], Metrics: [{ Name: metric, Unit: 'Count' }] }]
      write(
        JSON.stringify({
          _aws: { Timestamp: now(), CloudWatchMetrics: metrics },
          ...dimensions,
          service,
          [metric]: value,
        }),
      )
    },
  }
}

/** An error is an empty object to JSON; this shows what it is, with its causes. */
function plainErrors(_name: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value
  const { name, message, stack, cause } = value
  const code = 'code' in value ? value.code : undefined
  return { name, message, code, stack, ...(cause !== undefined && { cause }) }
}
