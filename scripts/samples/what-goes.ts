/** The sample domains, orders and quoting: where they are in the repository. */

/** Their domains' names in the catalog. */
export const SAMPLES = ['orders', 'quoting']

/** Files, and folders that end with a slash. What documents are made of the catalog is made anew (`npm run update`). */
export const GOES: readonly string[] = [
  'lambdas/quoting.ts',
  'lambdas/topic-names.ts',
  'lambdas/sagas/order/',
  'lambdas/sagas/quoting/',
  ...['customer', 'order', 'payment', 'policy', 'product', 'quote'].map(name => `lambdas/services/${name}/`),
  'bin/cli/order.ts',
  'bin/cli/quotes.ts',
  'bin/cli/quotes-replay.ts',
  'client/order.ts',
  'localstack/demo/',
  'localstack/scenarios/order-plays.ts',
  'localstack/scenarios/orders.ts',
  'localstack/scenarios/quote-messages.ts',
  'localstack/scenarios/quote-plays.ts',
  'localstack/scenarios/sample-examples.ts',
  'localstack/sandbox/memory-provider.ts',
  'scripts/cost/orders-in-process.ts',
  'scripts/cost/usage-of-an-order.ts',
  'scripts/samples/',
  'test/domains/',
  'test/bench/',
  'test/mutants/',
  // Engine and samples together, on servers.
  'test/e2e/',
  'test/outage/',
  'test/permissions/',
  ...[
    'demo',
    'faults',
    'fuzz-api',
    'local-docker',
    'once-killed',
    'operators',
    'poison',
    'replay',
    'sweep',
    'tutorial',
  ].map(name => `test/deep/${name}.test.ts`),
  'test/deep/samples-removed.test.ts',
  // Programs that the builders refuse, written with the samples' messages.
  'test/types/must-not-compile/',
  'test/types/must-not-compile.test.ts',
  // What they are told about with.
  'docs/asyncapi/',
  'docs/diagrams/',
  'docs/benchmarks.md',
  'docs/choosing-a-wiring.md',
  'docs/cost.md',
  'docs/event-hubs.md',
  'docs/how-to/remove-the-samples.md',
  'docs/one-order.md',
  'docs/permissions.md',
  'docs/tutorials/first-order.md',
]

/** Files that list what the domains bring: without the samples, nothing. */
export const WITHOUT: Readonly<Record<string, string>> = {
  'bin/cli/of-domains.ts': `/** Commands that the domains bring with them. */
import type { Command } from 'commander'
import type { Session } from './session.ts'

export interface Surroundings {
  /** As whoever asks. */
  readonly open: () => Promise<Session>
  readonly env: Readonly<Record<string, string | undefined>>
  /** What it has to say beside its answer. */
  readonly progress: (text: string) => void
  readonly show: Session['show']
}

export const commandsOfDomains: readonly ((surroundings: Surroundings) => Command)[] = []
`,
  'localstack/scenarios/of-domains.ts': `/** What the domains bring to a start: what is played once everything is up, and what a user may try then. */
import type { Chosen } from '../../lambdas/catalog.ts'
import type { Play } from './play.ts'

export const playsFor = (_chosen: Chosen): readonly Play[] => []

/** Text for a terminal, by the API's address. */
export const examples: readonly ((url: string) => string)[] = []
`,
  'scripts/cost/of-domains.ts': `/** What one saga of a domain uses, counted; without it a stage's cost at rest is all that is told. */
import type { Usage } from './usage.ts'

export const usageOfDomains: (() => Promise<Usage>)[] = []
`,
}
