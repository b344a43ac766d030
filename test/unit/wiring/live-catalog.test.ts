import { isWrite } from '#engine/catalog/catalog.ts'
import { wiringDiagram } from '#engine/catalog/wiring-diagram.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalogFor } from '../../../lambdas/catalog.ts'
import { catalogOf } from '../../example/kiosk.ts'

const wiring = readCatalog(catalogFor({ quoting: 'orchestration' }))

describe('the catalog of this repository', () => {
  it('has a file for every function', async () => {
    const root = join(import.meta.dirname, '../../..')
    await Promise.all(wiring.functions.map(({ entry }) => access(join(root, entry))))
  })

  it('lets only orchestrators write sagas', () => {
    const writers = wiring.functions.filter(fn =>
      fn.tables.some(({ table, use }) => table.name === 'sagas' && use.some(isWrite)),
    )
    expect(writers.filter(({ saga }) => saga === undefined)).toEqual([])
  })
})

describe('the diagram', () => {
  it('shows what is meant for others', async () => {
    await expect(wiringDiagram(catalogOf())).toMatchFileSnapshot('snapshots/kiosk.mmd')
  })
})
