/** The sources under `lambdas/`, and where each name is declared. A file is parsed once, when a name in it is asked for. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isNode, parse, PatchError, placesIn, type Node } from './syntax.ts'

export interface Declaration {
  readonly file: string
  readonly node: Node
  readonly parents: readonly Node[]
}

interface Declared extends Declaration {
  readonly name: string
  /** Of what contains it, from above: `createRelay`. */
  readonly within: readonly string[]
}

type Parsed = Map<string, Map<string, readonly Declared[]>>

export class Sources {
  readonly #texts: ReadonlyMap<string, string>
  /** By file and text, so that those that a patch left alone are not parsed anew. */
  readonly #parsed: Parsed

  /** Texts by path: `lambdas/engine/delivery/owed.ts`. */
  constructor(texts: ReadonlyMap<string, string>, parsed: Parsed = new Map()) {
    this.#texts = texts
    this.#parsed = parsed
  }

  static async under(root: string): Promise<Sources> {
    const names = await readdir(join(root, 'lambdas'), { recursive: true })
    const paths = names.filter(name => name.endsWith('.ts')).map(name => `lambdas/${name.replaceAll('\\', '/')}`)
    const entries = paths.map(async path => [path, await readFile(join(root, path), 'utf8')] as const)
    return new Sources(new Map(await Promise.all(entries)))
  }

  get texts(): ReadonlyMap<string, string> {
    return this.#texts
  }

  textOf(file: string): string {
    return this.#texts.get(file) ?? ''
  }

  /** These, but for one file. */
  with(file: string, text: string): Sources {
    return new Sources(new Map([...this.#texts, [file, text]]), this.#parsed)
  }

  /**
   * Those of a name: `parseRecord`, `createRelay.relay`, `relay in platform`. What a file declares at its top comes before
   * what a function has in it. Throws a PatchError that says what is near.
   */
  declarationsOf(where: string): readonly Declaration[] {
    const [path = '', hint] = where.split(' in ')
    const names = path.split('.')
    const name = names.at(-1) as string
    const all = this.#declarationsNamed(name)
    const fitting = all.filter(({ within }) => isWithin(names.slice(0, -1), within))
    const found = fitting.filter(({ file }) => hint === undefined || isUnder(file, hint))
    const [first] = found
    if (!first) throw new PatchError(`there is no ${where}: ${this.#near(name, all)}`)
    const least = Math.min(...found.map(({ within }) => within.length))
    return found.filter(({ within }) => within.length === least)
  }

  #declarationsNamed(name: string): Declared[] {
    return [...this.#texts]
      .filter(([, text]) => text.includes(name))
      .flatMap(([file, text]) => this.#declaredIn(file, text))
      .filter(declared => declared.name === name)
  }

  #declaredIn(file: string, text: string): readonly Declared[] {
    const versions = this.#parsed.get(file) ?? new Map<string, readonly Declared[]>()
    const known = versions.get(text)
    if (known) return known
    const program = parse(text)
    if (!program) throw new PatchError(`${file} is no TypeScript`)
    const declared = [...placesIn(program)].flatMap(({ node, parents }) => {
      const name = nameOf(node)
      const within = parents.flatMap(parent => nameOf(parent) ?? [])
      return name === undefined ? [] : [{ file, node, parents, name, within }]
    })
    this.#parsed.set(file, versions.set(text, declared))
    return declared
  }

  #near(name: string, all: readonly Declared[]): string {
    if (all.length > 0) return `${name} is ${listOf(all)}`
    const words = wordsOf(name)
    const alike = [...this.#texts]
      .flatMap(([file, text]) => this.#declaredIn(file, text))
      .map(declared => ({ declared, shared: wordsOf(declared.name).filter(word => words.includes(word)).length }))
      .filter(({ declared, shared }) => shared > 0 && declared.within.length <= 1)
      .toSorted((a, b) => b.shared - a.shared || a.declared.name.length - b.declared.name.length)
      .map(({ declared }) => declared)
    return alike.length > 0 ? `near are ${listOf(alike.slice(0, 4))}` : 'nothing is called alike'
  }
}

/** What gives something a name that a patch may use: a function, a class, a method, a constant, a property with a value. */
function nameOf(node: Node): string | undefined {
  const id = node['id'] ?? (isNamed(node) ? node['key'] : undefined)
  return DECLARES.has(node.type) && isNode(id) && id.type === 'Identifier' ? (id['name'] as string) : undefined
}
const DECLARES = new Set([
  'FunctionDeclaration',
  'ClassDeclaration',
  'VariableDeclarator',
  'MethodDefinition',
  'PropertyDefinition',
  'Property',
])
/** `{ stock }` only passes something on, and `{ kind: 'ignore' }` is no declaration. */
const isNamed = (node: Node) =>
  node['computed'] === false && isNode(node['value']) && /Function|Class/.test(node['value'].type)

/** `createRelay` is among what contains it, in this order. */
const isWithin = (names: readonly string[], within: readonly string[]): boolean =>
  names.reduce((from, name) => (from < 0 ? from : within.indexOf(name, from) + 1 || -1), 0) >= 0

/** A folder or a file without its ending, from `lambdas/`. */
const isUnder = (file: string, hint: string) =>
  file.startsWith(`lambdas/${hint}/`) || file === `lambdas/${hint}.ts` || file === `lambdas/${hint}`

const listOf = (some: readonly Declared[]) =>
  some.map(({ within, name, file }) => `${[...within, name].join('.')} in ${file}`).join(', ')

const wordsOf = (name: string) => name.split(/(?=[A-Z])|_|\$/).map(word => word.toLowerCase())

/** How alike two texts are, by their words: 0 to 1. */
export function likeness(one: string, other: string): number {
  const [ones, others] = [one, other].map(text => new Set(text.match(/\w+/g))) as [Set<string>, Set<string>]
  const shared = [...ones].filter(word => others.has(word)).length
  return shared / Math.max(1, ones.size + others.size - shared)
}
