/** What files of this repository import, as it is written. Pure. */
import { dirname, join, normalize } from 'node:path'

/** `import … from`, `export … from`, `import '…'` and `import('…')`: paths from the repository's root. */
export function importsIn(path: string, text: string): string[] {
  const named = [...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'([^'\n]+)'/g)].map(([, name]) => name as string)
  return [...new Set(named)].flatMap(name => {
    if (name.startsWith('#engine/')) return [name.replace('#engine/', 'lambdas/engine/')]
    return name.startsWith('.') ? [normalize(join(dirname(path), name))] : []
  })
}
