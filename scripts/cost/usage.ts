/** What one saga uses, counted: what its cost is made of. */
/** Of one approved order of two lines. */
export interface Usage {
  /** Steps of the saga's definition, each a command and its reply. */
  readonly steps: number
  readonly writeUnits: number
  /** Those of the orchestrator's own table. */
  readonly sagaWriteUnits: number
  readonly readUnits: number
  readonly sagaReadUnits: number
  readonly messages: number
  readonly messageBytes: number
  /** By consumer, each message on its own. Without the HTTP function and the relay, which are one each. */
  readonly invocations: Readonly<Record<string, number>>
  /** Items that are left in the tables. */
  readonly keptBytes: number
  /** What the consumers write, metrics among it. */
  readonly logBytes: number
  /** Series of metrics: names by their dimensions. They are paid by the month, not by the order. */
  readonly metricSeries: number
}
