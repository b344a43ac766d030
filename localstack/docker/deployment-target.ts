import type { SandboxProvider } from '../sandbox/provider.ts'

/** Where a stage is deployed to, and what stands beside it: LocalStack and Redpanda in containers, or what stands in for them. */
export interface Place {
  /** For people: `LocalStack`. */
  readonly title: string
  /** Of AWS's API: `http://127.0.0.1:4566`. */
  readonly endpoint: string
  /** Kafka, as this process reaches it. */
  readonly brokers: readonly string[]
  /** Kafka, as a function reaches it. */
  readonly brokersOfFunctions: readonly string[]
  readonly provider: Omit<SandboxProvider, 'stop'>
  /** The same, as a function reaches it. */
  readonly providerUrlOfFunctions: string
  /** Rejects when it is gone for good; never resolves. */
  readonly failed: Promise<never>
  /** Ends what was started for this run alone. */
  stop(): Promise<void>
}

/** Ports of the loopback interface. */
export interface PlacePorts {
  readonly localstack: number
  readonly kafka: number
  readonly provider: number
}
