import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { quotings } from '../../lambdas/quoting.ts'
import { deployedStages, stages } from '../../lib/config.ts'
import { describeStage } from '../infra/fixtures/synthesized.ts'
import { kafkaKinds } from '../../scripts/cost/kafka-kinds.ts'
import { cfnLint, checkov, installLinters } from '../support/linters.ts'

let folder = ''
let bin: string
const templates: string[] = []

/** Every kind of Kafka as the stage that has the most in it, every other stage once, and every wiring of quoting once. */
const variants = [
  ...deployedStages.flatMap(stage =>
    (stage === 'prod' ? kafkaKinds : kafkaKinds.slice(0, 1)).map(kafka => ({
      stage,
      kafka,
      quoting: 'orchestration' as const,
    })),
  ),
  ...quotings.slice(1).map(quoting => ({ stage: 'prod', kafka: kafkaKinds[0] as (typeof kafkaKinds)[0], quoting })),
]

beforeAll(async () => {
  bin = await installLinters()
  folder = await mkdtemp(join(tmpdir(), 'recourse-linted-'))
  for (const { stage, kafka, quoting } of variants) {
    const settings = { ...stages[stage], kafka, quoting }
    const { directory, stacks } = describeStage({
      stage,
      settings,
      wiring: readCatalog(catalogFor({ quoting })),
    }).app.synth()
    const to = join(folder, `${stage}-${kafka.kind}-${quoting}`)
    await mkdir(to)
    for (const { templateFile } of stacks) {
      await copyFile(join(directory, templateFile), join(to, templateFile))
      templates.push(join(to, templateFile))
    }
  }
})
afterAll(async () => {
  if (folder !== '') await rm(folder, { recursive: true, force: true })
})

describe('the templates of every stage and kind', () => {
  it('leave cfn-lint nothing to say', async () => {
    expect(templates).toHaveLength(
      variants.reduce((sum, { kafka }) => sum + (kafka.kind === 'self-managed' ? 5 : 7), 0),
    )
    expect(await cfnLint(bin, templates)).toEqual([])
  })

  it('leave checkov nothing to say', async () => {
    const { failed, passed, skipped } = await checkov(bin, folder)
    expect(failed).toEqual([])
    expect(passed).toBeGreaterThan(1000)
    expect(skipped).toBeGreaterThan(0)
  })

  it('are found wrong without the exceptions that they hold', async () => {
    const bare = join(folder, '..', `${folder.split('/').at(-1)}-bare`)
    await mkdir(bare)
    try {
      const from = templates.filter(path => path.includes('prod-msk-express-orchestration'))
      const to = await Promise.all(
        from.map(async (path, i) => {
          const template = JSON.parse(await readFile(path, 'utf8')) as {
            Resources: Record<string, { Metadata?: unknown }>
          }
          for (const resource of Object.values(template.Resources)) delete resource.Metadata
          const file = join(bare, `${i}.template.json`)
          await writeFile(file, JSON.stringify(template))
          return file
        }),
      )
      expect(await cfnLint(bin, to)).not.toEqual([])
      expect((await checkov(bin, bare)).failed).not.toEqual([])
    } finally {
      await rm(bare, { recursive: true, force: true })
    }
  })

  it('say why beside each exception', async () => {
    for (const path of templates) {
      const { Resources } = JSON.parse(await readFile(path, 'utf8')) as {
        Resources: Record<string, { Metadata?: { checkov?: { skip: { comment: string }[] }; 'cfn-lint'?: Lint } }>
      }
      for (const { Metadata } of Object.values(Resources)) {
        for (const { comment } of Metadata?.checkov?.skip ?? []) expect(comment.length).toBeGreaterThan(20)
        const { config, reasons } = Metadata?.['cfn-lint'] ?? { config: { ignore_checks: [] }, reasons: {} }
        expect(Object.keys(reasons)).toEqual(config.ignore_checks)
      }
    }
  })
})

interface Lint {
  readonly config: { readonly ignore_checks: readonly string[] }
  readonly reasons: Readonly<Record<string, string>>
}
