/** `docs/cost.md`, made by `npm run docs`: the figures of `npm run cost`, with where each price was read. */
import { kafkaKinds } from './kafka-kinds.ts'
import { MEMORY, prices, PRICED_ON, REGION, UNNAMED } from '../../lib/cost/prices.ts'
import { assumptions, assumptionsOfOthers } from './assumptions.ts'
import { reportOf } from './report.ts'
import { dollars, pricesTable, type Table, tablesOf } from './tables.ts'
import { usageOfAnOrder } from './usage.ts'

const MADE_BY =
  'Made by `npm run docs` from the synthesized templates, the definitions and lib/cost/prices.ts: change those, not this.'
const SAGAS = 1_000_000
const STAGES = ['dev', 'staging', 'prod']

/** The page's text by its path from the repository's root. Synthesizes each stage and each kind of Kafka: about four seconds. */
export async function costPage(): Promise<readonly [path: string, text: string]> {
  const usage = await usageOfAnOrder()
  const prod = await reportOf('prod', SAGAS, {}, usage)
  const stages: string[][] = []
  for (const stage of STAGES) {
    const { kafka, atRest } = await reportOf(stage, SAGAS, {}, usage)
    stages.push([stage, kafka, dollars(atRest.usd)])
  }
  for (const kafka of kafkaKinds.slice(1)) {
    const { atRest } = await reportOf('prod', SAGAS, { kafka }, usage)
    stages.push(['prod', kafka.kind, dollars(atRest.usd)])
  }
  const all = Object.values(prices)
  const of = (seen: string) => all.filter(price => price.seen === seen).length
  return [
    'docs/cost.md',
    [
      `<!-- ${MADE_BY} -->`,
      '# What it costs',
      '',
      `List prices of ${PRICED_ON} in ${REGION}, in US dollars. Whoever wrote them down had no way to the providers' pages: of ${all.length} prices ${of(MEMORY)} are from memory, and ${of(UNNAMED)} from public files that a search showed without an address; each says so below. Look them up before you rely on a sum. \`npm run cost -- --stage prod --sagas 1000000\` prints the same for any stage and number, \`--settings '{"kafka":{"kind":"msk-standard"}}'\` for other settings, \`--json\` for programs.`,
      '',
      ...section({
        title: 'Stages at rest, a month',
        head: ['stage', 'Kafka', 'USD'],
        rows: stages,
      }),
      `An order uses ${usage.writeUnits} write units, ${usage.readUnits} read units, ${usage.messages} messages of ${usage.messageBytes.toLocaleString('en')} bytes together, and leaves items of ${usage.keptBytes.toLocaleString('en')} bytes; ${usage.sagaWriteUnits} of its write units are the orchestrator's.`,
      '',
      ...tablesOf(prod).flatMap(section),
      '## Assumed',
      '',
      ...assumptions.map(line => `- ${line}`),
      '',
      '## Assumed of the others',
      '',
      ...assumptionsOfOthers.map(line => `- ${line}`),
      '',
      ...section(pricesTable),
    ].join('\n'),
  ]
}

const section = ({ title, head, rows }: Table) => [
  `## ${title}`,
  '',
  `| ${head.join(' | ')} |`,
  `|${head.map(() => '---').join('|')}|`,
  ...rows.map(row => `| ${row.join(' | ')} |`),
  '',
]
