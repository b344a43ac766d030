import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deployedStages } from '../../lib/config.ts'
import { findStatefulProblems, readStatefulLock, withAdditions } from '../../scripts/stateful/lock-file.ts'
import { statefulIn } from '../../scripts/stateful/resources.ts'
import { templatesOf } from '../../scripts/stateful/templates.ts'

const lock = await readStatefulLock(join(import.meta.dirname, '../..'))
const prod = lock['prod'] ?? {}
const problems = (now: typeof prod) => findStatefulProblems({ prod }, { prod: now })

describe('stateful.lock.json', () => {
  it.each(deployedStages)('has what must not be replaced in %s, and a deployment would replace none of it', stage => {
    const now = statefulIn(templatesOf(stage))
    expect(findStatefulProblems({ [stage]: lock[stage] ?? {} }, { [stage]: now })).toEqual([])
  })

  it('knows no stage that is not deployed', () => {
    expect(Object.keys(lock)).toEqual(deployedStages)
  })

  it('tells of a table whose construct has moved', () => {
    const id = Object.keys(prod).find(one => prod[one]?.startsWith('AWS::DynamoDB::Table')) ?? ''
    const { [id]: moved = '', ...rest } = prod
    expect(problems({ ...rest, [`${id}2`]: moved })).toEqual([
      expect.stringContaining(id),
      expect.stringContaining(`${id}2 is not in stateful.lock.json: run \`npm run stateful:lock\``),
    ])
  })

  it.each([
    ['topicPrefix', { topicPrefix: 'new-' }, /Topics\w+ would be replaced/],
    ['network.cidr', { network: { cidr: '10.1.0.0/16' } }, /Vpc\w+ would be replaced/],
    [
      'kafka',
      {
        kafka: {
          kind: 'self-managed' as const,
          bootstrapServers: ['k.example.com:9093'],
          secretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka-aBc123',
        },
      },
      /MskCluster\w+ .* is gone/,
    ],
  ])('tells what a change of %s would replace', (_, overrides, what) => {
    expect(problems(statefulIn(templatesOf('prod', overrides))).join('\n')).toMatch(what)
  })

  it('is added to, and never changed, by the command', () => {
    const [[first, line] = ['', '']] = Object.entries(prod)
    const added = withAdditions(
      { prod },
      { prod: { [first]: 'AWS::Other', 'recourse-prod-data/new': 'AWS::KMS::Key' } },
    )
    expect(added['prod']).toEqual({ ...prod, 'recourse-prod-data/new': 'AWS::KMS::Key' })
    expect(added['prod']?.[first]).toBe(line)
  })
})
