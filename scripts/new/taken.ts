/** Names that are in use, from the catalog as every wiring has it and from the folders. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { wirings } from '../docs/wirings.ts'
import type { Made } from './catalog-lines.ts'
import { CannotMake, type Names } from './names.ts'
import type { Files } from './service-files.ts'

/** Throws CannotMake that names who has the name. */
export function refuseTaken(root: string, made: Made, files: Files): void {
  const file = Object.keys(files).find(path => existsSync(join(root, path)))
  if (file !== undefined) throw new CannotMake(`${file} is there already: choose another name, or remove it first`)
  const { service, saga } = made
  const functions = new Map([
    ...(service ? [[service.name, service.name] as const] : []),
    ...(saga ? [[`${saga.name}-saga`, saga.name] as const] : []),
  ])
  const types = Object.values(files).flatMap(text =>
    [...text.matchAll(/messages?(?:Of\(.*\))?\.(?:event|command)\(\s*'(\w+)'/g)].map(([, type]) => type ?? ''),
  )
  const tables = Object.values(files).flatMap(text =>
    [...text.matchAll(/Table: Table = \{ name: '([\w-]+)'/g)].map(([, table]) => table ?? ''),
  )
  for (const { catalog } of wirings) {
    const wiring = readCatalog(catalog)
    const domain = catalog.domains.find(({ name }) => name === (saga ?? service)?.name)
    if (domain) throw new CannotMake(`there is a domain '${domain.name}' in lambdas/catalog.ts: choose another name`)
    const fn = wiring.functions.find(({ name }) => functions.has(name))
    if (fn) throw new CannotMake(`there is a function '${fn.name}' (${fn.entry}): choose another name`)
    const message = wiring.messages.find(({ type }) => types.includes(type))
    if (message) throw new CannotMake(`there is a message ${message.type} already: choose another name`)
    const table = wiring.tables.find(({ name }) => tables.includes(name))
    if (table) throw new CannotMake(`there is a table '${table.name}' already: choose another name`)
  }
}

/** Throws CannotMake unless the service has the commands of one that was made here. */
export function requireService(root: string, { name, pascal }: Names): void {
  const path = `lambdas/services/${name}/contract.ts`
  if (!existsSync(join(root, path)))
    throw new CannotMake(`there is no ${path}: make it first (npm run new -- service ${name}), or leave out --service`)
  const text = readFileSync(join(root, path), 'utf8')
  const missing = ['PerformCommand', 'RevertCommand', 'PerformedEvent', 'RefusedEvent']
    .map(end => pascal + end)
    .find(type => !text.includes(`export const ${type} `))
  if (missing !== undefined)
    throw new CannotMake(
      `${path} exports no ${missing}, which the saga would need: leave out --service, and write the steps in its saga.ts`,
    )
}
