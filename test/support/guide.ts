/** The guides in `docs/`, as tests follow them. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** Each block of code under a line that is nothing but a path. */
const filesOf = (guide: string) =>
  [...guide.matchAll(/^`(?<path>\S+\.ts)`\n```ts\n(?<text>[^]*?)^```$/gm)].map(({ groups }) => ({
    path: groups?.['path'] ?? '',
    text: groups?.['text'] ?? '',
  }))

/** Writes the files of a guide to a folder. */
export async function writeFiles(folder: string, guide: string): Promise<void> {
  for (const { path, text } of filesOf(guide)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

/** The guide's one diff, applied: its new lines before the first line of the file, or in place of those that they replace. Where it was followed already, the file as it is. */
export function withDiff(file: string, guide: string): string {
  const lines = /^```diff\n([^]*?)^```$/m.exec(guide)?.[1]?.split('\n') ?? []
  const added = lines.filter(line => line.startsWith('+')).map(line => line.slice(1))
  const removed = lines.filter(line => line.startsWith('-')).map(line => line.slice(1))
  const replacing = added.filter(line => !line.startsWith('import '))
  const imports = added.filter(line => line.startsWith('import '))
  if (added.length > 0 && added.every(line => file.includes(line))) return file
  // More lines than they replace: the last one is replaced by all that are left.
  const replacementOf = (i: number) => replacing.slice(i, i === removed.length - 1 ? undefined : i + 1).join('\n')
  return [
    ...imports,
    removed.reduce((text, line, i) => {
      if (!text.includes(line)) throw new Error(`the file has no line${line}: the guide's diff is out of date`)
      return text.replace(line, () => replacementOf(i))
    }, file),
  ].join('\n')
}

/** The commands of a guide's first shell block, without what is said of them. */
export const commandsOf = (guide: string): string[] =>
  (/^```sh\n([^]*?)^```$/m.exec(guide)?.[1] ?? '')
    .split('\n')
    .map(line => line.replace(/\s+#.*$/, ''))
    .filter(line => line !== '')

/** What Node printed, run in a folder; a failure's output too, so that the test shows it. */
export async function runNode(folder: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, NO_COLOR: '1' }
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env }).catch(
    (failed: { stdout: string; stderr: string }) => ({ stdout: `${failed.stdout}\n${failed.stderr}` }),
  )
  return stdout
}
