/** What is wrong between the definitions and what is locked of them, and what to do about it. Pure. */
import { changedLines, linesOf } from './lines.ts'
import type { Definition, Lock, Locked } from './locked.ts'

/** A text for each saga and version that is not as it is locked; none: all is well. */
export const findProblems = (lock: Lock, definitions: readonly Definition[]): string[] => [
  ...definitions.flatMap(definition => {
    const locked = lock[definition.id]
    if (!locked) return [`${definition.id} is not in saga.lock.json yet: run \`npm run sagas:lock\` and commit it`]
    return changedIn(locked, definition.locked) ? [changed(definition, locked, definitions, lock)] : []
  }),
  ...definitions
    .filter(({ handled }) => !handled)
    .map(
      ({ id, module, exportName }) =>
        `${id} is in the catalog, but ${folderOf(module)}/handler.ts does not import ${module}: give it ${exportName} beside the current one, or its sagas stop where they are`,
    ),
  ...goneFrom(definitions, lock).map(
    id =>
      `${id} is in saga.lock.json, but no catalog lists it any more. Sagas that run it would stop where they are.
  If \`npm run cli -- sagas versions --remove ${id}\` says, for every stage, that none does: npm run sagas:lock -- --remove ${id}
  Else list it again, in lambdas/catalog.ts and in its handler.`,
  ),
]

export const changedIn = (before: Locked, now: Locked): boolean =>
  before.describe !== now.describe || before.definition !== now.definition || changedFunctions(before, now).length > 0

/** What is locked and not listed any more. */
export const goneFrom = (definitions: readonly Definition[], lock: Lock): string[] =>
  Object.keys(lock).filter(id => !definitions.some(definition => definition.id === id))

function changed(definition: Definition, before: Locked, definitions: readonly Definition[], lock: Lock): string {
  return [
    `saga '${definition.saga}' has changed, and is still version ${definition.version} (${definition.module}).`,
    'Once this is deployed, sagas that began with the definition in saga.lock.json would go on with another one.',
    '',
    ...differences(before, definition.locked).map(line => (line === '' ? '' : `  ${line}`)),
    '',
    'What to do:',
    ...remedy(definition, definitions, lock).map(line => `  ${line}`),
  ].join('\n')
}

function differences(before: Locked, now: Locked): string[] {
  const description = changedLines(linesOf(before.description), linesOf(now.description))
  const functions = changedFunctions(before, now)
  const minifier = before.minifiedBy !== now.minifiedBy
  return [
    ...(description.length > 0 ? ['What it says has changed:', ...description.map(line => `  ${line}`)] : []),
    ...functions.flatMap(([what, was, is]) => [
      `A function has changed: ${what}`,
      ...(was === undefined ? [] : [`  - ${was}`]),
      ...(is === undefined ? [] : [`  + ${is}`]),
    ]),
    ...(description.length + functions.length === 0
      ? [
          'Something that its functions use has changed: a constant or a helper of its file, or of its folder, or an import.',
        ]
      : []),
    ...(minifier
      ? [
          `The minifier has changed too (${before.minifiedBy}, now ${now.minifiedBy}): if that is all, --rewrite as below is right.`,
        ]
      : []),
  ]
}

function remedy(
  { id, saga, version, module, exportName }: Definition,
  definitions: readonly Definition[],
  lock: Lock,
): string[] {
  const next = 1 + Math.max(...[...Object.keys(lock), ...definitions.map(other => other.id)].flatMap(versionIn(saga)))
  const never = `If version ${version} was never deployed anywhere: npm run sagas:lock -- --rewrite ${id}`
  if (definitions.some(other => other.saga === saga && other.version > version))
    return [
      `Take the change back: version ${version} is kept as it is for the sagas that began with it.`,
      `What new sagas do belongs into the latest version, or into version ${next}.`,
      never,
    ]
  const folder = folderOf(module)
  const kept = `${folder}/v${version}.ts`
  const old = `${exportName}V${version}`
  return [
    '1. Keep the locked definition beside the new one:',
    `   git show $(git log -1 --format=%h -- saga.lock.json):${module} > ${kept}`,
    `   and call what it exports ${old}.`,
    `2. Raise \`version\` to ${next} in ${module}.`,
    `3. List both while sagas of version ${version} run: \`sagas: [${exportName}, ${old}]\` in lambdas/catalog.ts,`,
    `   \`sagaHandler(${exportName}, ${old})\` in ${folder}/handler.ts.`,
    '4. npm run sagas:lock && npm run docs, and commit what they write.',
    never,
  ]
}

const folderOf = (module: string) => module.slice(0, module.lastIndexOf('/'))

const versionIn =
  (saga: string) =>
  (id: string): number[] =>
    id.startsWith(`${saga}@`) ? [Number(id.slice(saga.length + 1))] : []

function changedFunctions(
  before: Locked,
  now: Locked,
): [what: string, was: string | undefined, is: string | undefined][] {
  const all = [...new Set([...Object.keys(before.functions), ...Object.keys(now.functions)])]
  return all.flatMap(what => {
    const [was, is] = [before.functions[what], now.functions[what]]
    return was === is ? [] : [[what, was, is]]
  })
}
