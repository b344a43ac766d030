/** What is wrong between the contracts and what is locked of them, and what to do about it. Pure. */
import type { Contracts, LockedMessage } from './contracts.ts'
import { canonical, narrowed } from './schema-changes.ts'

/** A text for each message that is not as it is locked; none: all is well. What is only added is well. */
export const findContractProblems = (locked: Contracts, now: Contracts): string[] => [
  ...Object.keys(now)
    .filter(type => !locked[type])
    .map(type => `${type} is not in contracts.lock.json yet: run \`npm run sagas:lock\` and commit it`),
  ...Object.entries(now).flatMap(([type, message]) => {
    const before = locked[type]
    const differences = before ? differencesOf(before, message) : []
    return differences.length > 0 ? [changed(type, differences)] : []
  }),
  ...Object.keys(locked)
    .filter(type => !now[type])
    .map(
      type =>
        `${type} is in contracts.lock.json, but no catalog knows it any more. One that is on its way, or among the dead letters, could never be handled.
  Once nobody sends it, its topic's retention (7 days) has passed and no dead letter of it is left: npm run sagas:lock -- --remove ${type}
  Else let a service handle it again.`,
    ),
]

/** What messages of the locked shape would lose. */
export const differencesOf = (before: LockedMessage, now: LockedMessage): string[] => [
  ...(['kind', 'about', 'idField', 'sagaField'] as const)
    .filter(field => before[field] !== now[field])
    .map(field => `${field}: was ${before[field]}, and is ${now[field]} now`),
  ...(before.replies ?? [])
    .filter(type => !now.replies?.includes(type))
    .map(type => `replies: ${type} is not one any more`),
  ...narrowed(before.schema, now.schema),
]

/** Whether anything was added. */
export const isAsLocked = (before: LockedMessage, now: LockedMessage) => canonical(before) === canonical(now)

const changed = (type: string, differences: readonly string[]) =>
  [
    `${type} is not what contracts.lock.json has. Messages of that shape may be on their way, among the dead letters or in a commit that is not published yet:`,
    ...differences.map(difference => `  - ${difference}`),
    'What to do:',
    '  Keep what it was, and make what is new optional: fields, values and wider bounds may be added.',
    `  Or declare a message of another type (${type}V2) beside it, and handle both until nobody sends the old one.`,
    `  If it was never deployed anywhere: npm run sagas:lock -- --rewrite ${type}`,
  ].join('\n')
