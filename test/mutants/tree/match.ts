/** Whether a part of the tree is what a pattern describes. Types, order of writing and layout don't matter; names do, unless they are `$A`. */
import { bare, isNode, listsIn, placesIn, type Fragment, type Node, type Place } from './syntax.ts'

/** What each metavariable stands for. */
export type Bindings = ReadonlyMap<string, readonly Node[]>

/** What matched, side by side under one parent. */
export interface Match {
  readonly nodes: readonly Node[]
  readonly parents: readonly Node[]
  readonly bindings: Bindings
}

const NONE: Bindings = new Map()

/** Each place below the root that is what the pattern says. */
export function matchesIn(root: Node, pattern: Fragment): Match[] {
  const [first] = pattern.nodes
  if (pattern.kind === 'expression' && first) return [...placesIn(root)].flatMap(place => matchOf(first, place))
  return [...placesIn(root)].flatMap(({ node, parents }) =>
    listsIn(node).flatMap(list => windowsIn(list, pattern.nodes, [...parents, node])),
  )
}

function matchOf(pattern: Node, { node, parents }: Place): Match[] {
  // What is wrapped is met once more below, by itself.
  const bindings = bare(node) === node ? matchNode(pattern, node, NONE) : undefined
  return bindings ? [{ nodes: [node], parents, bindings }] : []
}

function windowsIn(list: readonly Node[], patterns: readonly Node[], parents: readonly Node[]): Match[] {
  return list.flatMap((first, at) => {
    // A block of one statement is that statement, which is met by itself.
    if (list.length === 1 && bare(first) !== first) return []
    const found = matchStart(patterns, list.slice(at), NONE)
    return found ? [{ nodes: list.slice(at, at + found.length), parents, bindings: found.bindings }] : []
  })
}

/** The shortest start of the list that matches. */
function matchStart(patterns: readonly Node[], list: readonly Node[], bindings: Bindings) {
  for (let length = 1; length <= list.length; length++) {
    const found = matchList(patterns, list.slice(0, length), bindings)
    if (found) return { length, bindings: found }
  }
  return undefined
}

function matchNode(patternGiven: Node, nodeGiven: Node, bindings: Bindings): Bindings | undefined {
  const name = metavariableOf(patternGiven)
  if (name !== undefined) return bind(name, [nodeGiven], bindings)
  const [pattern, node] = [bare(patternGiven), bare(nodeGiven)]
  if (pattern.type !== node.type) return undefined
  return Object.keys(pattern).reduce<Bindings | undefined>(
    (bound, key) => bound && (MEANINGLESS.has(key) ? bound : matchValue(pattern[key], node[key], bound)),
    bindings,
  )
}

/** Where it stands, how it is written, and its type. */
const MEANINGLESS = new Set(
  'start end range raw shorthand parent directive typeAnnotation returnType typeParameters typeArguments declare definite accessibility'.split(
    ' ',
  ),
)

function matchValue(pattern: unknown, value: unknown, bindings: Bindings): Bindings | undefined {
  if (isNode(pattern)) return isNode(value) ? matchNode(pattern, value, bindings) : undefined
  if (Array.isArray(pattern)) return Array.isArray(value) ? matchList(pattern, value, bindings) : undefined
  // `{ raw, cooked }` of a template, `{ pattern, flags }` of a regular expression.
  if (typeof pattern === 'object' && pattern !== null)
    return JSON.stringify(pattern) === JSON.stringify(value) ? bindings : undefined
  return pattern === value ? bindings : undefined
}

function matchList(patterns: readonly unknown[], list: readonly unknown[], bindings: Bindings): Bindings | undefined {
  const [pattern, ...others] = patterns
  if (patterns.length === 0) return list.length === 0 ? bindings : undefined
  const name = isNode(pattern) ? metavariableOf(pattern) : undefined
  if (name?.startsWith('$$$')) {
    for (let length = 0; length <= list.length; length++) {
      const bound = bind(name, list.slice(0, length) as Node[], bindings)
      const found = bound && matchList(others, list.slice(length), bound)
      if (found) return found
    }
    return undefined
  }
  if (list.length === 0) return undefined
  const bound = matchValue(pattern, list[0], bindings)
  return bound && matchList(others, list.slice(1), bound)
}

function bind(name: string, nodes: readonly Node[], bindings: Bindings): Bindings | undefined {
  const before = bindings.get(name)
  if (/^\$+_?$/.test(name)) return bindings
  if (before) return matchList(before, nodes, NONE) && bindings
  return new Map([...bindings, [name, nodes]])
}

/** `$A`, as an expression, a statement or a property of its own. */
function metavariableOf(node: Node): string | undefined {
  if (node.type === 'Identifier') return METAVARIABLE.exec(node['name'] as string)?.[0]
  if (node.type === 'ExpressionStatement') return metavariableOf(node['expression'] as Node)
  return node.type === 'Property' && node['shorthand'] === true ? metavariableOf(node['key'] as Node) : undefined
}
const METAVARIABLE = /^\$(?:\$\$)?[A-Z0-9_]*$/
