/** `CHANGELOG.md` is what Keep a Changelog asks for, and its newest release is the package's version. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const lines = changelog.split('\n')

describe('the changelog', () => {
  it('has what is unreleased first, then releases with their dates, the newest of them the present version', () => {
    const [unreleased, newest, ...older] = lines.filter(line => line.startsWith('## '))
    expect(unreleased).toBe('## [Unreleased]')
    expect(newest).toMatch(/^## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/)
    expect(newest).toContain(`[${version}]`)
    for (const release of older) expect(release).toMatch(/^## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/)
  })

  it('has the kinds of changes that Keep a Changelog knows, each once a release', () => {
    for (const release of changelog.split(/^## /m).slice(1)) {
      const kinds = [...release.matchAll(/^### (.+)$/gm)].map(([, kind]) => kind)
      expect(new Set(kinds).size, release.slice(0, 20)).toBe(kinds.length)
      for (const kind of kinds)
        expect(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']).toContain(kind)
    }
  })
})
