/** The repository's pages as their readers find them: headings, anchors and links. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'

export interface Heading {
  readonly level: number
  readonly text: string
  readonly anchor: string
}

export interface Link {
  readonly text: string
  readonly target: string
}

/** What Git ignores, by name: `.gitignore`. */
const IGNORED = new Set(['node_modules', '.git', 'dist', 'cdk.out', '.recourse', '.cache', 'coverage'])

/** Paths of the files under these folders of the repository, `.` for all of it, with one of these endings. */
export const filesIn = (root: string, folders: readonly string[], endings: readonly string[]): string[] =>
  folders
    .flatMap(folder => globSync(`${folder}/**/*`, { cwd: root, exclude: path => IGNORED.has(basename(path)) }))
    .filter(path => endings.some(ending => path.endsWith(ending)))
    .map(path => path.replaceAll('\\', '/'))
    .toSorted()

/** Without blocks of code, whose lines are no headings and hold no links. */
const prose = (page: string) => page.replaceAll(/^(`{3,})[^]*?^\1`*$/gm, '')

export function headingsOf(page: string): Heading[] {
  const seen = new Map<string, number>()
  return [...prose(page).matchAll(/^(#{1,6}) (.+)$/gm)].map(([, marks = '', text = '']) => {
    const slug = slugOf(text)
    const before = seen.get(slug) ?? 0
    seen.set(slug, before + 1)
    return { level: marks.length, text, anchor: before === 0 ? slug : `${slug}-${before}` }
  })
}

/** As GitHub makes anchors of headings. */
const slugOf = (heading: string) =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')

export const linksOf = (page: string): Link[] =>
  [...prose(page).matchAll(/\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g)].map(([, text = '', target = '']) => ({
    text,
    target,
  }))

/** Why each relative link of a page leads nowhere. */
export function brokenLinks(root: string, path: string): string[] {
  return linksOf(readFileSync(join(root, path), 'utf8')).flatMap(({ target }) => {
    if (/^[a-z]+:/.test(target)) return []
    const [file = '', anchor] = target.split('#')
    const to = file === '' ? path : normalize(join(dirname(path), file))
    if (to.startsWith('..') || !existsSync(join(root, to))) return [`${path}: ${target} is not there`]
    if (anchor === undefined || statSync(join(root, to)).isDirectory()) return []
    const anchors = headingsOf(readFileSync(join(root, to), 'utf8')).map(heading => heading.anchor)
    return anchors.includes(anchor) ? [] : [`${path}: ${to} has no heading #${anchor}`]
  })
}
