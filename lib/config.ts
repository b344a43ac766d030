/**
 * The settings of a stage, checked before anything is synthesized. A deployment is one stage: `-c stage=prod`.
 * To add one, add an entry to `stages`; what it leaves out has the default that is written beside the setting.
 */
import { asVariables } from '#engine/catalog/choices.ts'
import { choices } from '../lambdas/catalog.ts'
import { Settings, type SettingsInput } from './settings/schema.ts'

export type { KafkaSettings, SettingsInput } from './settings/schema.ts'

export interface StageSettings extends Settings {
  /** `dev`: part of every name. */
  readonly stage: string
  /** What stands before a table's or function's name: `dev-`, and nothing on one machine. */
  readonly namePrefix: string
}

export const stages: { readonly [stage: string]: SettingsInput } = {
  /** What `npm start` executes on one machine: the runtime puts its own addresses in the place of the cluster and the URL. */
  local: {
    kafka: { kind: 'msk-express' },
    partitions: 3,
    protectData: false,
    environment: { PAYMENT_PROVIDER_URL: 'http://127.0.0.1', PREMIUM_MAX: '10000' },
  },
  /** What `npm run local:docker` deploys: the same, into LocalStack, with Redpanda and the provider beside it (`localstack/compose.yml`). */
  localstack: {
    kafka: { kind: 'msk-express' },
    localstack: { bootstrapServers: ['redpanda:9092'] },
    partitions: 3,
    protectData: false,
    environment: { PAYMENT_PROVIDER_URL: 'http://provider:8080', PREMIUM_MAX: '10000' },
  },
  dev: {
    kafka: { kind: 'msk-express' },
    partitions: 3,
    retention: { logDays: 14 },
    environment: { PAYMENT_PROVIDER_URL: 'https://payments.example.com', PREMIUM_MAX: '10000' },
  },
  /** As `prod`, with less of everything: what is released there was tried here. */
  staging: {
    kafka: { kind: 'msk-express' },
    retention: { logDays: 30 },
    users: { secondFactor: 'required', threatProtection: true },
    alarms: { receivers: ['platform@example.com'] },
    environment: { PAYMENT_PROVIDER_URL: 'https://payments.example.com', PREMIUM_MAX: '10000' },
  },
  prod: {
    kafka: { kind: 'msk-express' },
    retention: { logDays: 90 },
    pollers: { minimum: 1, maximum: 12 },
    concurrency: { http: 25 },
    users: { secondFactor: 'required', threatProtection: true },
    alarms: { receivers: ['platform@example.com'] },
    environment: { PAYMENT_PROVIDER_URL: 'https://payments.example.com', PREMIUM_MAX: '10000' },
  },
}

/** Nobody else shares the names there, and nobody pays. */
const ON_ONE_MACHINE = ['local', 'localstack']

/** Those that go into an account of AWS. */
export const deployedStages = Object.keys(stages).filter(stage => !ON_ONE_MACHINE.includes(stage))

/**
 * A stage's settings with their defaults; `overrides` replace settings whole.
 * Throws a SettingsError whose every line names a setting and what it must be.
 */
export function settingsOf(stage: string, overrides: Partial<SettingsInput> = {}): StageSettings {
  const written = Object.hasOwn(stages, stage) ? stages[stage] : undefined
  if (!written)
    throw new SettingsError(`stage "${stage}" is not in lib/config.ts: it has ${Object.keys(stages).join(', ')}`)
  return parseSettings(stage, { ...written, ...overrides })
}

export function parseSettings(stage: string, input: unknown): StageSettings {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage))
    throw new SettingsError(
      `stage "${stage}": at most 20 lower-case letters, digits and hyphens, since it is part of every name`,
    )
  const parsed = Settings.safeParse(input)
  if (!parsed.success) {
    const lines = parsed.error.issues.map(issue => `  ${issue.path.join('.') || 'settings'}: ${issue.message}`)
    throw new SettingsError(`the settings of stage "${stage}" (lib/config.ts) are wrong:\n${lines.join('\n')}`)
  }
  const environment = { ...parsed.data.environment, ...asVariables(choices, parsed.data) }
  return { ...parsed.data, environment, stage, namePrefix: ON_ONE_MACHINE.includes(stage) ? '' : `${stage}-` }
}

/** Throws a SettingsError that names a setting for a topic that this wiring has not. */
export function checkTopics({ stage, retries }: Pick<StageSettings, 'stage' | 'retries'>, topics: readonly string[]) {
  const unknown = Object.keys(retries).filter(topic => !topics.includes(topic))
  if (unknown.length > 0)
    throw new SettingsError(
      `the settings of stage "${stage}" (lib/config.ts) are wrong:\n  retries.${unknown[0]}: there is no such topic; there are ${topics.join(', ')}`,
    )
}

/** Of the command line: a JSON object, or nothing. Its settings are checked with the stage's. */
export function parseOverrides(given: unknown): Partial<SettingsInput> {
  if (given === undefined) return {}
  const parsed = typeof given === 'string' ? parsedJson(given) : given
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed
  throw new SettingsError(`-c settings=… takes a JSON object of settings, not ${JSON.stringify(given)}`)
}

/** Undefined if it is no JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What is wrong with a stage, in words that need no stack trace. */
export class SettingsError extends Error {}
