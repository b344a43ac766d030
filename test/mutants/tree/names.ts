/** Names that a patch's code uses: a local that was renamed is found when the patch is applied, and not by a crash much later. */
import { nodesOf, placesIn, isNode, type Node, type Place } from './syntax.ts'

/** Those that neither the code itself, nor where it comes to stand, nor JavaScript knows. */
export function unknownNames(code: readonly Node[], { node, parents }: Place): string[] {
  const [program, top = node] = [...parents, node]
  const known = new Set([...namesIn(top), ...nodesOf(program?.['body']).flatMap(declaredAtTop)])
  const own = code.flatMap(each => [...placesIn(each)].flatMap(place => boundBy(place.node)))
  const used = code.flatMap(namesIn)
  return [...new Set(used)].filter(
    name => !known.has(name) && !own.includes(name) && !(name in globalThis) && !name.startsWith('$'),
  )
}

/** Of variables, functions and parameters, not of properties and types. */
function namesIn(node: Node): string[] {
  return [...placesIn(node)].filter(isVariable).map(place => place.node['name'] as string)
}

function isVariable({ node, parents }: Place): boolean {
  const parent = parents.at(-1)
  if (node.type !== 'Identifier' || parents.some(({ type }) => type.startsWith('TSType'))) return false
  const isName = parent?.['property'] === node || (parent?.['key'] === node && parent['shorthand'] !== true)
  return !isName || parent?.['computed'] === true
}

function boundBy(node: Node): string[] {
  const bound = [...nodesOf(node['params']), ...(node.type === 'VariableDeclarator' ? nodesOf([node['id']]) : [])]
  return bound.flatMap(namesIn)
}

function declaredAtTop(statement: Node): string[] {
  const declaration = isNode(statement['declaration']) ? statement['declaration'] : statement
  const ids = [declaration, ...nodesOf(declaration['declarations'])].map(({ id }) => id)
  const locals = nodesOf(declaration['specifiers']).map(({ local }) => local)
  return nodesOf([...ids, ...locals]).flatMap(namesIn)
}
