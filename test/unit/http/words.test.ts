import { requestSchemaOf } from '../../../lib/request-schema.ts'
import { words } from '#engine/http/words.ts'
import { Ajv } from 'ajv'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

const schema = words(5)
const published = new Ajv({ strict: false }).compile(requestSchemaOf(schema, 'words'))

describe('Text that people wrote', () => {
  it.each(['', ' ', '\v', '\t\r\n', '\u0000', '\u001c', '\u0085', '\u00a0', '\u200b', '\u2028', '\ufeff'])(
    'refuses %j, which is blank',
    text => expect(schema.safeParse(text).error?.issues.map(({ message }) => message)).toEqual(['is blank']),
  )

  it('is trimmed', () => expect(schema.parse(' Tea\v')).toBe('Tea'))

  it('counts characters, whatever their bytes', () => {
    expect(schema.parse('🍵🍵🍵🍵🍵')).toBe('🍵🍵🍵🍵🍵')
    expect(schema.safeParse('123456').error?.issues.map(({ message }) => message)).toEqual(['has at most 5 characters'])
  })

  it('takes what its published schema takes, and nothing else', () =>
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('\v', ' ', '\u001c', '\u0085', '\ufeff', 'a', '🍵'), maxLength: 7 }),
        text => {
          expect(schema.safeParse(text).success).toBe(published(text))
        },
      ),
    ))

  it('keeps its length when it is described', () =>
    expect(z.toJSONSchema(words(7).describe('Why.'))).toMatchObject({ maxLength: 7, description: 'Why.' }))
})
