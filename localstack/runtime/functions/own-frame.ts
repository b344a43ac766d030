import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { framesIn } from '#engine/delivery/thrown.ts'

const root = join(import.meta.dirname, '..', '..', '..') + sep
/** The engine's own frames and those of its platform are of no interest to who wrote a service. */
const OWN = /^lambdas\/(?!engine\/|platform\/)/

/**
 * The first frame of a stack that is the user's own code, `lambdas/services/order/rules.ts:41`; undefined if there is none,
 * or if the bundle has no source map.
 */
export function ownFrame(stack: string): string | undefined {
  for (const { file, line } of framesIn(stack)) {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file
    if (!path.startsWith(root)) continue
    const inside = path.slice(root.length).split(sep).join('/')
    if (OWN.test(inside)) return `${inside}:${line}`
  }
  return undefined
}
