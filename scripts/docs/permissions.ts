/** `docs/permissions.md`: who may do what, and why, read off the templates that are deployed. */
import type { Permission } from '../../localstack/runtime/template/permissions.ts'
import { quotings } from '../../lambdas/quoting.ts'
import { ACTIONS } from '../permissions/actions.ts'
import { grantedIn } from '../permissions/granted.ts'
import { nameOfResource } from '../permissions/resources.ts'
import { UNSEEN } from '../permissions/unseen.ts'

const STAGE = 'prod'
const MADE_BY = 'Made by `npm run docs` from the synthesized templates: change lambdas/catalog.ts or lib/, not this.'

/** The page's text by its path from the repository's root. Synthesizes a stage for each wiring of quoting: about two seconds. */
export function permissionsPage(): readonly [path: string, text: string] {
  const [first, ...others] = quotings
  const granted = new Map(quotings.map(quoting => [quoting, grantedIn(STAGE, { quoting })]))
  const base = granted.get(first) ?? new Map<string, readonly Permission[]>()
  return [
    'docs/permissions.md',
    [
      `<!-- ${MADE_BY} -->`,
      '# Who may do what',
      '',
      `Each function has a role of its own, and may do what is listed here and nothing else: the stage \`${STAGE}\` on Amazon MSK, with quoting as ${first}. Names are without what the stage puts before them. A function that runs in the network has the actions of the last table too.`,
      '',
      'Three things hold that. A test reads the catalog and asks the templates for exactly this. `npm run test:permissions` runs the whole system in each wiring, with a gate before DynamoDB and with the authorizer of the Kafka broker, where each function and the pollers of its event sources sign in by its name: what is denied ends the run, and what is never used fails it. What only services of AWS use, and so nothing on one machine, must be where something in the templates needs it, and nowhere else. Key policies (KMS) are looked at in the templates alone.',
      '',
      ...actionsTable(base),
      'Only services of AWS use these:',
      '',
      '| action | why nothing here uses it |',
      '|---|---|',
      ...unseenRows(base),
      '',
      ...[...base].flatMap(([name, permissions]) => section(name, permissions)),
      ...others.flatMap(quoting => {
        const different = [...(granted.get(quoting) ?? [])].filter(
          ([name, permissions]) => JSON.stringify(permissions) !== JSON.stringify(base.get(name)),
        )
        return [
          `# With quoting as ${quoting}`,
          '',
          'Functions that may do something else than above.',
          '',
          ...different.flatMap(([name, permissions]) => section(name, permissions)),
        ]
      }),
      '# On a Kafka that another runs',
      '',
      'In the place of every `kafka:` and `kafka-cluster:` action there is `secretsmanager:GetSecretValue` on the secret that the stage names, and on the one of its root certificate. What may be read and written there, that Kafka decides.',
      '',
      '# In the network',
      '',
      'Functions that talk to Kafka run in private subnets. Lambda makes their network interfaces, which have no name before: these actions are on everything.',
      '',
      ...rows(network(base)),
    ].join('\n'),
  ]
}

function actionsTable(base: ReadonlyMap<string, readonly Permission[]>): string[] {
  const used = new Set([...base.values()].flat().map(({ action }) => action))
  return [
    '| action | made by | why |',
    '|---|---|---|',
    ...Object.entries(ACTIONS)
      .filter(([action]) => used.has(action) && !action.startsWith('ec2:'))
      .map(([action, { by, why }]) => `| \`${action}\` | ${by.join(', ')} | ${why} |`),
    '',
  ]
}

function unseenRows(base: ReadonlyMap<string, readonly Permission[]>): string[] {
  const granted = new Set([...base.values()].flat().map(({ action }) => action))
  return UNSEEN.map(({ actions, why }) => ({ why, here: actions.filter(action => granted.has(action)) }))
    .filter(({ here }) => here.length > 0)
    .map(({ here, why }) => `| ${here.map(action => `\`${action}\``).join(', ')} | ${why} |`)
}

const section = (name: string, permissions: readonly Permission[]) => [
  `## ${isCustomResource(name) ? 'bootstrap brokers (at deployment)' : name}`,
  '',
  ...rows(permissions.filter(({ action }) => !action.startsWith('ec2:'))),
]

/** One row for all that may be done with a thing. */
function rows(permissions: readonly Permission[]): string[] {
  const byThing = Map.groupBy(permissions, ({ resource }) => nameOfResource(resource, `${STAGE}-`))
  return [
    '| on | may |',
    '|---|---|',
    ...[...byThing].map(([thing, all]) => `| ${thing} | ${all.map(({ action }) => `\`${action}\``).join(', ')} |`),
    '',
  ]
}

const isCustomResource = (name: string) => /AWS[0-9a-f]{32}/.test(name)

const network = (base: ReadonlyMap<string, readonly Permission[]>) =>
  [...base.values()]
    .find(all => all.some(({ action }) => action.startsWith('ec2:')))
    ?.filter(({ action }) => action.startsWith('ec2:')) ?? []
