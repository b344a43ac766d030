import { expect, it } from 'vitest'
import { page, readable } from './fixtures/readable.ts'
import { describeStage } from './fixtures/synthesized.ts'

const dev = describeStage({})

// After a wanted change: npx vitest run --project infra -u, and read the difference.
it.each(['network', 'streaming', 'data', 'services', 'api'])('the %s stack is what it was', async part => {
  await expect(page(readable(dev.template(part).toJSON()))).toMatchFileSnapshot(`snapshots/${part}.txt`)
})
