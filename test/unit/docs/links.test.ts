/** Every page of the repository: its links lead somewhere, and the first one is short. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenLinks, filesIn, headingsOf, linksOf } from '../../support/markdown.ts'

const root = join(import.meta.dirname, '../../..')
const pages = filesIn(root, ['.'], ['.md'])
const text = (path: string) => readFileSync(join(root, path), 'utf8')

describe('the pages', () => {
  it.each(pages)('%s has links that lead somewhere', page => {
    expect(brokenLinks(root, page)).toEqual([])
  })

  it('are reached from docs/README.md, each of them', () => {
    const seen = new Set<string>()
    const follow = (page: string) => {
      if (seen.has(page) || !pages.includes(page)) return
      seen.add(page)
      for (const { target } of linksOf(text(page)))
        if (!/^[a-z]+:/.test(target) && !target.startsWith('#'))
          follow(join(page, '..', target.split('#')[0] ?? '').replaceAll('\\', '/'))
    }
    follow('docs/README.md')
    const inFolders = (page: string) => page.startsWith('docs/runbooks/') || page.startsWith('docs/diagrams/')
    expect(pages.filter(page => page.startsWith('docs/') && !inFolders(page) && !seen.has(page))).toEqual([])
  })

  it('find a link to what is not there, and an anchor that no heading has', () => {
    expect(headingsOf('# A, `b` & c\n## A, `b` & c\n').map(({ anchor }) => anchor)).toEqual(['a-b--c', 'a-b--c-1'])
    expect(linksOf('a [b](c.md) `x`\n```\n[not](this)\n```\n[d](#e)').map(({ target }) => target)).toEqual([
      'c.md',
      '#e',
    ])
  })
})

/** Pages about files that a reader is yet to write. */
const TUTORIALS = ['docs/add-a-saga.md', 'docs/how-to/test-your-rules.md', 'docs/simulate-your-saga.md', 'CHANGELOG.md']
/** Who has removed the samples finds pages that speak of them. */
const isRemoved = (path: string) =>
  !existsSync(join(root, 'lambdas/services/order')) && /^(lambdas\/(services|sagas)|test\/domains)\//.test(path)

describe('the pages', () => {
  it.each(pages.filter(page => !TUTORIALS.includes(page)))(
    '%s names files that are there, and what is in them',
    page => {
      const cited = text(page).matchAll(
        /`((?:lambdas|lib|bin|localstack|scripts|test|docs)\/[\w./-]+)`(?: \(((?:`[\w-]+`(?:, )?)+)\))?/g,
      )
      const wrong = [...cited].flatMap(([, path = '', symbols = '']) => {
        if (isRemoved(path)) return []
        if (!existsSync(join(root, path))) return [`${path} is not there`]
        return [...symbols.matchAll(/`([\w-]+)`/g)].flatMap(([, symbol = '']) =>
          text(path).includes(symbol) ? [] : [`${path} has no ${symbol}`],
        )
      })
      expect(wrong).toEqual([])
    },
  )
})

describe('the README', () => {
  const readme = text('README.md')

  it('has at most 150 lines', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(150)
  })

  it('begins with a sentence, a picture and a saga', () => {
    const places = ['\n```mermaid\n', '\n```ts\n', '\n```sh\n'].map(fence => readme.indexOf(fence))
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
  })

  it.skipIf(!existsSync(join(root, 'lambdas/sagas/order/saga.ts')))('shows the order saga as it is', () => {
    const tokens = (code: string) =>
      code
        .replaceAll(/\/\/.*$/gm, '')
        .replaceAll(/\s+/g, '')
        .replaceAll(/,([)}\]])/g, '$1')
    const shown = /```ts\n([^]*?)```/.exec(readme)?.[1] ?? ''
    expect(shown.split('\n').length).toBeLessThan(25)
    expect(tokens(text('lambdas/sagas/order/saga.ts'))).toContain(tokens(shown))
  })
})
