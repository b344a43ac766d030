import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'

/** What the templates ask of this machine. */
export interface Plan {
  readonly tables: readonly TablePlan[]
  readonly topics: readonly TopicPlan[]
  readonly functions: readonly FunctionPlan[]
  readonly kafkaSources: readonly KafkaSourcePlan[]
  readonly streamSources: readonly StreamSourcePlan[]
  readonly routes: readonly RoutePlan[]
  readonly schedules: readonly SchedulePlan[]
}

export interface TablePlan {
  readonly name: string
  readonly create: CreateTableCommandInput
  /** The field that holds when an item may be forgotten. */
  readonly expires?: string
}

export interface TopicPlan {
  readonly name: string
  readonly partitions: number
  readonly configs: Readonly<Record<string, string>>
}

export interface FunctionPlan {
  readonly name: string
  readonly arn: string
  /** The folder of its bundle, which holds `index.mjs`. */
  readonly folder: string
  /** As in the template: `index.handler`. */
  readonly handler: string
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
  readonly memoryMegabytes: number
}

/** What both kinds of event source share. -1 is "without end". */
export interface SourcePlan {
  readonly functionName: string
  readonly batchSize: number
  readonly windowSeconds: number
  /** Event patterns; a record must match one of them, if there are any. */
  readonly filters: readonly unknown[]
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST'
  readonly bisects: boolean
  readonly retryAttemptsMax: number
  readonly recordAgeSecondsMax: number
  readonly reportsItemFailures: boolean
}

export interface KafkaSourcePlan extends SourcePlan {
  readonly topic: string
  readonly groupId: string
  readonly sourceArn: string
  /** The topic that gets what could not be handled. */
  readonly onFailureTopic?: string
}

export interface StreamSourcePlan extends SourcePlan {
  readonly table: string
}

export interface RoutePlan {
  readonly method: string
  /** As API Gateway spells it: `/orders/{orderId}`. */
  readonly path: string
  readonly authorized: boolean
  readonly target:
    | { readonly kind: 'function'; readonly functionName: string }
    | { readonly kind: 'mock'; readonly status: number; readonly body: string; readonly contentType: string }
}

export interface SchedulePlan {
  readonly name: string
  readonly ruleArn: string
  readonly functionName: string
  /** In AWS; the local runtime may go faster. */
  readonly everySeconds: number
  /** What the function gets in place of the usual event. */
  readonly input?: unknown
}
