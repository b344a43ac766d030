/** TypeScript's tree as oxc gives it (ESTree), without what a formatter may change: parentheses, blocks of one statement. */
import { parseSync, visitorKeys } from 'oxc-parser'

export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** A pattern, or what takes its place. */
export interface Fragment {
  readonly kind: 'expression' | 'statements' | 'members' | 'cases'
  readonly nodes: readonly Node[]
  readonly text: string
}

/** Text that is no TypeScript, or a patch that is not for these sources. */
export class PatchError extends Error {}

export function parse(text: string): Node | undefined {
  const { program, errors } = parseSync('source.ts', text, { lang: 'ts', astType: 'ts', preserveParens: false })
  return errors.length > 0 ? undefined : (program as unknown as Node)
}

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

export const nodesOf = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : [])

/** Of what is said once more as a type, or in a block of its own, or in a chain with `?.`: the thing itself. */
export function bare(node: Node): Node {
  const inner = WRAPPED.get(node.type)
  if (inner) return bare(node[inner] as Node)
  const [only, second] = node.type === 'BlockStatement' ? nodesOf(node['body']) : []
  return only && !second && !only.type.endsWith('Declaration') ? bare(only) : node
}
const WRAPPED = new Map([
  ['TSAsExpression', 'expression'],
  ['TSSatisfiesExpression', 'expression'],
  ['TSNonNullExpression', 'expression'],
  ['TSTypeAssertion', 'expression'],
  ['ChainExpression', 'expression'],
])

/** Where something is in the tree. */
export interface Place {
  readonly node: Node
  readonly parents: readonly Node[]
}

/** The node and all below it, from above. */
export function* placesIn(node: Node, parents: readonly Node[] = []): Generator<Place> {
  yield { node, parents }
  const above = [...parents, node]
  for (const key of visitorKeys[node.type] ?? []) {
    const value = node[key]
    if (Array.isArray(value)) for (const each of value) if (isNode(each)) yield* placesIn(each, above)
    if (isNode(value)) yield* placesIn(value, above)
  }
}

/** The lists of nodes that are right below: a single child is a list of one. */
export const listsIn = (node: Node): (readonly Node[])[] =>
  (visitorKeys[node.type] ?? []).map(key => (isNode(node[key]) ? [node[key]] : nodesOf(node[key])))

const firstOf = (program: Node) => nodesOf(program['body'])[0] as Node

const WAYS: readonly [Fragment['kind'], (text: string) => string, (program: Node) => unknown][] = [
  ['expression', text => `(${text}\n)`, program => [firstOf(program)['expression']]],
  ['statements', text => `async function* _() {${text}\n}`, program => bodyOf(firstOf(program))],
  ['members', text => `({${text}\n})`, program => (firstOf(program)['expression'] as Node)['properties']],
  ['cases', text => `function _() { switch (_) {${text}\n} }`, program => bodyOf(firstOf(program))?.[0]?.['cases']],
]

const fragments = new Map<string, Fragment>()

/** What a text is, by the first way to read it. */
export function fragmentOf(text: string): Fragment {
  const known = fragments.get(text)
  if (known) return known
  for (const [kind, around, inside] of WAYS) {
    const program = parse(around(text))
    if (!program || nodesOf(program['body']).length !== 1) continue
    const nodes = nodesOf(inside(program))
    // `name: value` is a property, and no label.
    if (nodes.length === 0 || nodes[0]?.type === 'LabeledStatement') continue
    const fragment: Fragment = { kind, nodes, text }
    fragments.set(text, fragment)
    return fragment
  }
  throw new PatchError(`\`${text}\` is no expression, statement, property or case`)
}

/** The statements of a function, a method or an arrow with a block; none of one that is an expression. */
export function bodyOf(declared: Node): readonly Node[] | undefined {
  const value = (declared['value'] ?? declared['init'] ?? declared) as Node
  const body = value['body'] as Node | undefined
  return body?.type === 'BlockStatement' ? nodesOf(body['body']) : undefined
}
