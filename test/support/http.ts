import type { Log } from '#engine/model/ports.ts'

export { type Answer, type Call, gatewayTo, proxyEvent } from '#engine/testing'

export interface RecordedLog extends Log {
  readonly lines: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[]
}

/** A log that keeps what it is told. */
export function recordedLog(): RecordedLog {
  const lines: RecordedLog['lines'] = []
  const at =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      void lines.push({ level, message, fields })
  return { lines, info: at('info'), warn: at('warn'), error: at('error'), count: () => {}, measure: () => {} }
}
