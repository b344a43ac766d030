/** Pages without what they say of files and commands that are gone. Pure. */
import { dirname, join, normalize } from 'node:path'

/** What is gone. */
export interface Gone {
  /** A file, or a folder with or without its slash, from the repository's root. */
  readonly path: (path: string) => boolean
  /** One of npm's commands. */
  readonly command: (name: string) => boolean
}

const CODE = /`((?:[\w.-]+\/)+(?:[\w.-]+)?)`/g
const LINK = /(?<!!)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)/g
const COMMAND = /npm run (?:--silent )?([a-z][\w:-]*)/g
/** A list's item, a table's row, a command on a line of its own. */
const ITEM = /^(\s*[-*] |\s*\d+\. |\||\s*npm run )/

/**
 * A link to what is gone becomes its text, and what is named in code is no code any more. A line that is an item of a list,
 * a row of a table or a command goes whole. `asWritten`: a record of what was once, such as a decision: no line of it goes.
 */
export function pageWithout(path: string, text: string, gone: Gone, { asWritten = false } = {}): string {
  const isGone = (target: string) => gone.path(normalize(join(dirname(path), target))) || gone.path(normalize(target))
  const tells = (line: string) =>
    [...line.matchAll(CODE)].some(([, file = '']) => isGone(file)) ||
    [...line.matchAll(COMMAND)].some(([, name = '']) => gone.command(name))
  return text
    .split('\n')
    .filter(line => asWritten || !(ITEM.test(line) && tells(line)))
    .join('\n')
    .replaceAll(LINK, (link, words: string, target: string) =>
      !/^[a-z]+:/.test(target) && isGone(target) ? words : link,
    )
    .replaceAll(CODE, (code, file: string) => (isGone(file) ? file : code))
    .replaceAll(COMMAND, (command, name: string) => (gone.command(name) ? name : command))
}
