/** The text of `lambdas/catalog.ts` without what is gone. Pure. */
import { dirname, join, normalize } from 'node:path'

const CATALOG = 'lambdas/catalog.ts'
const IMPORT = /^import (?:type )?\{([^}]*)\} from '([^']+)'\n/gm

/** `goes`: whether a file goes. A domain that has nothing left goes too. */
export function catalogWithout(catalog: string, goes: (path: string) => boolean): string {
  const names: string[] = []
  let text = catalog.replace(IMPORT, (line, imported: string, from: string) => {
    if (!from.startsWith('.') || !goes(normalize(join(dirname(CATALOG), from)))) return line
    names.push(...namesIn(imported))
    return ''
  })
  // An element of a list, or a field of an object, each with what it is called with.
  for (const name of names)
    text = text.replace(new RegExp(String.raw`(?:\w+: )?\b${name}\b(?:\([^()]*\))?,? ?`, 'g'), '')
  text = text.replace(/\{\s*name: '[\w-]+',\s*topicOf: \w+,\s*services: \[\s*\],\s*sagas: \[\s*\],?\s*\},?/g, '')
  if (!/\bchosen\b(?!: Chosen| =>)/.test(withoutComments(text).replace(/servicesAndSagasFor\(chosen\)/, '')))
    text = text.replace('servicesAndSagasFor = (chosen: Chosen)', 'servicesAndSagasFor = (_chosen: Chosen)')
  return withoutUnused(text)
}

const namesIn = (imported: string) => imported.split(',').flatMap(name => name.replace(/^\s*type\s/, '').trim() || [])

const withoutComments = (text: string) => text.replaceAll(/\/\*[^]*?\*\//g, '')

/** Without imports that nothing needs any more. */
function withoutUnused(text: string): string {
  const code = withoutComments(text).replace(IMPORT, '')
  return text.replace(IMPORT, (line, imported: string) => {
    const used = namesIn(imported).some(name => new RegExp(String.raw`\b${name}\b`).test(code))
    return used ? line : ''
  })
}
