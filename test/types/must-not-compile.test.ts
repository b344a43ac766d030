import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'

const folder = join(import.meta.dirname, 'must-not-compile')
const root = join(import.meta.dirname, '../..')

/** A program: from its heading `// # what it is` to the next; `// ! phrase` is what the compiler must say in it. */
interface Program {
  readonly file: string
  readonly name: string
  readonly publishes: string
  readonly from: number
  readonly to: number
}
interface CompilerError {
  readonly file: string
  readonly line: number
  readonly message: string
}

const programs = (await Promise.all((await sources()).map(readPrograms))).flat()

describe('the builders of sagas and aggregates refuse to compile', () => {
  let errors: CompilerError[] = []
  beforeAll(async () => {
    errors = await compile()
  }, 60_000)

  it.each(programs)('$name ($file)', ({ file, publishes, from, to }) => {
    const here = errors.filter(error => error.file === file && error.line >= from && error.line <= to)
    expect(here.map(error => error.message).join('\n')).toContain(publishes)
  })

  it('and finds nothing else wrong with these programs', () => {
    const elsewhere = errors.filter(
      error => !programs.some(({ file, from, to }) => error.file === file && error.line >= from && error.line <= to),
    )
    expect(elsewhere).toEqual([])
  })

  it('has programs to refuse, each with its own phrase', () => {
    expect(programs.length).toBeGreaterThanOrEqual(44)
    expect(programs.filter(({ publishes }) => publishes.length < 10)).toEqual([])
  })
})

async function sources() {
  return (await readdir(folder)).filter(name => name.endsWith('.ts')).sort()
}

async function readPrograms(file: string): Promise<Program[]> {
  const lines = (await readFile(join(folder, file), 'utf8')).split('\n')
  const headings = lines.flatMap((line, i) => (line.startsWith('// # ') ? [i] : []))
  return headings.map((at, n) => ({
    file,
    name: lines[at]?.slice(5) ?? '',
    publishes: lines[at + 1]?.startsWith('// ! ') ? (lines[at + 1] ?? '').slice(5) : '',
    from: at + 1,
    to: headings[n + 1] ?? lines.length,
  }))
}

/** One run over all of them. Errors in files outside the folder are `tsc -p .`'s to report. */
async function compile(): Promise<CompilerError[]> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const output = await promisify(execFile)(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    cwd: root,
    maxBuffer: 16 * 1024 * 1024,
  }).then(
    ({ stdout }) => stdout,
    (failed: { stdout?: string; message: string }) => failed.stdout || Promise.reject(new Error(failed.message)),
  )
  const inFolder = 'test/types/must-not-compile/'
  return output
    .split(/\n(?=\S)/)
    .map(report => /^(?<path>.*?)\((?<line>\d+),\d+\): error (?<message>[^]*)$/.exec(report)?.groups)
    .filter(found => found?.['path']?.startsWith(inFolder))
    .map(found => ({
      file: found?.['path']?.slice(inFolder.length) ?? '',
      line: Number(found?.['line']),
      message: found?.['message'] ?? '',
    }))
}
