import type { Log } from '../../model/ports.ts'

export interface Logged {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: { readonly [field: string]: unknown }
}

export interface MemoryLog extends Log {
  readonly lines: readonly Logged[]
  /** How much was counted, or measured, all dimensions together. */
  counted(metric: string): number
}

/** Remembers what it is told. */
export function memoryLog(): MemoryLog {
  const lines: Logged[] = []
  const counts = new Map<string, number>()
  const line =
    (level: Logged['level']) =>
    (message: string, fields: Logged['fields'] = {}) =>
      void lines.push({ level, message, fields })
  return {
    lines,
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    count: (metric, value = 1) => void counts.set(metric, (counts.get(metric) ?? 0) + value),
    measure(measures) {
      for (const { name, value } of measures) counts.set(name, (counts.get(name) ?? 0) + value)
    },
    counted: metric => counts.get(metric) ?? 0,
  }
}

/** Says nothing and keeps nothing. */
export const silentLog: Log = { info() {}, warn() {}, error() {}, count() {}, measure() {} }
