import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { reportOf } from '../../../../scripts/cost/report.ts'
import { samplesFor } from '../catalog.ts'

const root = join(import.meta.dirname, '../../../..')
const report = (kafka?: { kind: 'msk-standard' }) =>
  reportOf('prod', 1_000_000, kafka && { kafka }, undefined, samplesFor('orchestration'))

it("the README's figures are those of npm run cost, for the samples and nothing else", async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const whole = (usd: number | undefined) => Math.round(usd ?? Number.NaN).toLocaleString('en')
  const { ways, breakEven } = await report()
  expect(ways).toHaveLength(5)
  for (const { name, atRest, coordination, services } of ways) {
    const row = readme
      .split('\n')
      .find(line => line.startsWith(`| ${name.replace('(msk-express)', 'on `msk-express`')}`))
    expect(row).toMatch(new RegExp(`\\| ${whole(atRest)} \\| ${whole(coordination)} \\| ${whole(services)} \\|$`))
  }
  expect(readme).toContain(`at rest: ${whole((await report({ kind: 'msk-standard' })).atRest.usd)})`)
  expect(readme).toContain(`Standard from about ${whole((breakEven['Step Functions Standard'] ?? 0) / 1e6)} million`)
  expect(readme).toContain(`Temporal Cloud from about ${whole((breakEven['Temporal Cloud'] ?? 0) / 1e6)} million`)
})
