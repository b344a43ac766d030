/** Applies patches to the sources. A patch that matches nothing, or more than once, is an error that says what is near. */
import { posix } from 'node:path'
import type { Patch } from '../mutant.ts'
import { matchesIn, type Match } from './match.ts'
import { unknownNames } from './names.ts'
import { likeness, type Declaration, type Sources } from './sources.ts'
import { bare, bodyOf, fragmentOf, PatchError, placesIn, type Fragment, type Node } from './syntax.ts'

/** The sources with these patches, one after the other. Throws a PatchError that names the mutant. */
export function patched(sources: Sources, patches: readonly Patch[], name: string): Sources {
  try {
    return patches.reduce(apply, sources)
  } catch (error) {
    throw error instanceof PatchError ? new PatchError(`${name}: ${error.message}`) : error
  }
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

function apply(sources: Sources, patch: Patch): Sources {
  const { declared, edit, parent } = editOf(sources, patch)
  const { file } = declared
  // What comes into `{ a, b }` of a parameter is a new name.
  const code = parent.type === 'ObjectPattern' ? [] : fragmentOf(patch.code ?? '{}').nodes
  const unknown = unknownNames(code, declared).filter(name => name !== patch.imports)
  if (unknown.length > 0) throw new PatchError(`${patch.where} (${file}) has no ${unknown.join(' and no ')}`)
  const before = sources.textOf(file)
  const after = before.slice(0, edit.start) + edit.text + before.slice(edit.end)
  if (after === before) throw new PatchError(`it changes nothing in ${patch.where}`)
  return sources.with(file, patch.imports === undefined ? after : importOf(sources, patch.imports, file) + after)
}

function editOf(sources: Sources, patch: Patch): { declared: Declaration; edit: Edit; parent: Node } {
  const declarations = sources.declarationsOf(patch.where)
  if (patch.edit === 'insert-first') {
    const declared = onlyOne(declarations, patch)
    const [first] = bodyOf(declared.node) ?? []
    if (!first) throw new PatchError(`${patch.where} has no statements`)
    const edit = { start: first.start, end: first.start, text: `${patch.code ?? ''};\n` }
    return { declared, edit, parent: declared.node }
  }
  const pattern = fragmentOf(patch.find ?? '')
  const found = declarations.flatMap(declared =>
    matchesIn(declared.node, pattern).map(match => ({
      declared,
      match: { ...match, parents: [...declared.parents, ...match.parents] },
    })),
  )
  const [one, another] = found
  if (!one || another) throw new PatchError(complaint(sources, patch, pattern, declarations, found))
  const { declared, match } = one
  const edit = editing(patch, pattern, match, sources.textOf(declared.file))
  return { declared, edit, parent: match.parents.at(-1) ?? declared.node }
}

function editing({ edit, code = '' }: Patch, pattern: Fragment, match: Match, text: string): Edit {
  const [first, parent] = [match.nodes[0] as Node, match.parents.at(-1) as Node]
  const { start } = first
  const { end } = match.nodes.at(-1) as Node
  if (edit === 'remove') return removal(match, text)
  const filled = fill(code, match, text)
  if (edit === 'insert-before') {
    const at = statementOf(match).start
    return { start: at, end: at, text: `${filled};\n` }
  }
  const isExpression = fragmentOf(code).kind === 'expression'
  const isStatement = /Statement$|Declaration$/.test(first.type)
  if (isExpression && !isStatement && parent.type !== 'ExpressionStatement') {
    const key = parent.type === 'Property' && parent['shorthand'] === true ? `${text.slice(start, end)}: ` : ''
    return { start, end, text: key + (isCompound(fragmentOf(code).nodes[0] as Node) ? `(${filled})` : filled) }
  }
  if (pattern.kind === 'members' || pattern.kind === 'cases') return { start, end, text: filled }
  // Statements in the place of the statement that the expression is.
  const whole = isStatement ? { start, end } : parent
  return { start: whole.start, end: whole.end, text: isList(match, first) ? `${filled};` : `{ ${filled} }` }
}

/** What it is, or is a part of, that other statements may stand beside. */
function statementOf({ nodes, parents }: Match): Node {
  const line = [...parents, nodes[0] as Node]
  const at = line.findLastIndex((_, i) => /^(BlockStatement|SwitchCase|Program)$/.test(line[i - 1]?.type ?? ''))
  return line[at] as Node
}

/** Whether others may stand beside it. */
function isList({ parents }: Match, node: Node): boolean {
  const [above, parent] = [parents.at(-2), parents.at(-1) as Node]
  const holds = (holder: Node | undefined, held: Node) =>
    Object.values(holder ?? {}).some(value => Array.isArray(value) && value.includes(held))
  return holds(parent, node) || (parent.type === 'ExpressionStatement' && holds(above, parent))
}

function removal(match: Match, text: string): Edit {
  const [first, last] = [match.nodes[0] as Node, match.nodes.at(-1) as Node]
  const parent = match.parents.at(-1) as Node
  if (parent.type === 'LogicalExpression') {
    const other = parent['left'] === first ? parent['right'] : parent['left']
    return { start: parent.start, end: parent.end, text: textOf([other as Node], text) }
  }
  if (parent.type === 'ExpressionStatement')
    return removal({ ...match, nodes: [parent], parents: match.parents.slice(0, -1) }, text)
  const { length: comma } = /^(?:\s|\/\/.*|\/\*[^]*?\*\/)*,/.exec(text.slice(last.end))?.[0] ?? ''
  if (Object.values(parent).some(list => Array.isArray(list) && list.includes(first)))
    return { start: first.start, end: last.end + comma, text: '' }
  if (!first.type.endsWith('Statement')) throw new PatchError(`\`${textOf([first], text)}\` can't be left out`)
  return { start: first.start, end: last.end, text: '{}' }
}

/** The code with what its metavariables stand for. */
function fill(code: string, { bindings }: Match, text: string): string {
  return code.replace(/\$(?:\$\$)?[A-Z0-9_]+\b/g, name => {
    const nodes = bindings.get(name)
    if (!nodes) throw new PatchError(`${name} of \`${code}\` is nothing that the pattern finds`)
    return textOf(nodes, text)
  })
}

function textOf(nodes: readonly Node[], text: string): string {
  const [first, last] = [nodes[0], nodes.at(-1)]
  if (!first || !last) return ''
  const own = text.slice(first.start, last.end)
  return first === last && isCompound(first) ? `(${own})` : own
}

/** What may need parentheses in another place. */
const isCompound = (node: Node) =>
  /^(Logical|Binary|Conditional|Assignment|Sequence|Await|Unary|Yield|TSAs|TSSatisfies)Expression$/.test(node.type)

function onlyOne(declarations: readonly Declaration[], { where }: Patch): Declaration {
  const [one, another] = declarations
  if (!one || another)
    throw new PatchError(
      `${where} is declared in ${declarations.map(({ file }) => file).join(' and ')}: say which, as \`${where} in <folder>\``,
    )
  return one
}

function complaint(
  sources: Sources,
  { where }: Patch,
  pattern: Fragment,
  declarations: readonly Declaration[],
  found: readonly { declared: Declaration; match: Match }[],
): string {
  const at = (file: string, { start }: Node) => `${file}:${sources.textOf(file).slice(0, start).split('\n').length}`
  const files = declarations.map(({ file, node }) => at(file, node)).join(' and ')
  const places = found.map(({ declared, match }) => at(declared.file, match.nodes[0] as Node)).join(', ')
  const said = `${found.length} places in ${where} (${files}) are \`${oneLine(pattern.text)}\`, there must be one`
  return places === '' ? `${said}; near is ${near(sources, pattern, declarations)}` : `${said}: ${places}`
}

/** Of what is of its kind, what is most like it. */
function near(sources: Sources, { nodes, text }: Fragment, declarations: readonly Declaration[]): string {
  const { type } = bare(nodes[0] as Node)
  const [nearest] = declarations
    .flatMap(({ file, node }) => [...placesIn(node)].map(place => ({ file, node: place.node })))
    .filter(({ node }) => node.type === type)
    .map(({ file, node }) => sources.textOf(file).slice(node.start, node.end))
    .toSorted((a, b) => likeness(b, text) - likeness(a, text))
  return nearest === undefined ? 'nothing of its kind' : `\`${oneLine(nearest)}\``
}

const oneLine = (text: string) => {
  const line = text.trim().replace(/\s+/g, ' ')
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}

/** So that the file knows a name that another declares. */
function importOf(sources: Sources, name: string, file: string): string {
  const { file: from } = onlyOne(sources.declarationsOf(name), { edit: 'insert-first', where: name })
  const path = posix.relative(posix.dirname(file), from)
  return `import { ${name} } from '${path.startsWith('.') ? path : `./${path}`}'\n`
}
