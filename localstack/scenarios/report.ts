import { plainTable } from '../../client/plain-table.ts'
import type { Play, Played, TimelineRow } from './play.ts'

/** A play's timeline and how it ended, as plain lines. `place`: `2/7`. An Error: it broke on the way. */
export function report(
  place: string,
  { name, with: note }: Pick<Play, 'name' | 'with'>,
  played: Played | Error,
): string {
  const broke = played instanceof Error
  const wrong = broke ? [played.message] : played.wrong
  return [
    '',
    `${place}  ${name}  (${note})${broke ? '' : `  ${played.subject}`}`,
    ...indent(broke ? [] : [timelineTable(played.timeline), played.summary]),
    ...indent(wrong.length === 0 ? ['as it should'] : ['NOT AS IT SHOULD:', ...wrong.map(sentence => `- ${sentence}`)]),
  ].join('\n')
}

const timelineTable = (rows: readonly TimelineRow[]) =>
  plainTable(
    ['message', 'topic', 'partition', 'offset', 'item version'],
    rows.map(({ message, topic, partition, offset, version }) => [message, topic, partition, offset, version]),
  )

const indent = (texts: readonly string[]) => texts.flatMap(text => text.split('\n')).map(line => `    ${line}`)
