import { examples } from './scenarios/of-domains.ts'

/** What a user copies and pastes once the API is up. */
export const whatToTry = (url: string): string =>
  [
    '',
    `The API is at ${url}. Copy and paste:`,
    '',
    '  OPERATOR=$(npm run --silent token -- --sub ops --group operators)',
    '  ALICE=$(npm run --silent token -- --sub alice)',
    '',
    ...examples.flatMap(example => [example(url), '']),
    '  # Its sagas',
    `  curl -s ${url}/sagas -H "Authorization: Bearer $OPERATOR"`,
    '',
    'Ctrl-C stops everything.',
  ].join('\n')
