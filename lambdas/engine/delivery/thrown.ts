/** What a dead letter says of a throw in rules: the error, and where in the user's own code it came from. Pure. */

import { withoutSecrets } from './without-secrets.ts'

/** `at decide (file:///…/rules.ts:41:7)`, `at /…/rules.ts:41:7`. */
const FRAME = /^\s*at (?:async )?(?:(?<name>.*) \()?(?<file>[^()]+?):(?<line>\d+)(?::\d+)?\)?$/
/** Neither the engine's frames nor those of what is installed are of interest to who wrote a rule. */
const NOT_OWN = /(?:^node:|\/node_modules\/|\/lambdas\/engine\/|^native$|^<anonymous>$)/
const MESSAGE_LENGTH_MAX = 500

/** `TypeError: reply.total is undefined, at charged (lambdas/services/payment/rules.ts:93)`. */
export function describeThrown(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `a ${typeof thrown} was thrown, which says nothing: throw an Error`
  const what = withoutSecrets(`${thrown.name}: ${thrown.message.slice(0, MESSAGE_LENGTH_MAX)}`)
  const at = firstOwnFrame(thrown.stack ?? '')
  return at === undefined ? what : `${what}, at ${at}`
}

/** Where the user's own code threw, or called what threw; undefined if no frame of a stack is theirs. */
function firstOwnFrame(stack: string): string | undefined {
  for (const { name, file, line } of framesIn(stack)) {
    if (NOT_OWN.test(file)) continue
    const place = `${withoutFolders(file)}:${line}`
    return name === undefined ? place : `${name} (${place})`
  }
  return undefined
}

/** The frames of a stack, the innermost first: `file` as it is written there, `line` from 1. */
export function* framesIn(
  stack: string,
): Iterable<{ readonly name?: string; readonly file: string; readonly line: string }> {
  for (const text of stack.split('\n')) {
    const { name, file, line } = FRAME.exec(text)?.groups ?? {}
    if (file !== undefined && line !== undefined) yield { ...(name !== undefined && { name }), file, line }
  }
}

/** From the sources' own folder on; of a bundle its name: where it lies on the machine is nobody's business. */
function withoutFolders(file: string): string {
  const own = /(?:^|\/)((?:lambdas|test)\/.*)$/.exec(file)?.[1]
  return own ?? file.slice(file.lastIndexOf('/') + 1)
}
