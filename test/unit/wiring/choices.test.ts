import { describe, expect, it } from 'vitest'
import { readChosen } from '#engine/adapters/lambda/environment.ts'
import {
  asVariables,
  byDefault,
  type Choices,
  chosenIn,
  everyChosen,
  settingFields,
  variablesOf,
} from '#engine/catalog/choices.ts'
import * as z from 'zod'

const choices = {
  lending: {
    variable: 'LENDING',
    values: ['orchestration', 'choreography'],
    description: 'how lending is held together',
  },
  fines: { variable: 'FINES_BY', values: ['day', 'week', 'none'], description: 'how fines are counted' },
} as const satisfies Choices

describe('what a catalog lets a stage choose', () => {
  it('has its first value unless something else is chosen', () => {
    expect(byDefault(choices)).toEqual({ lending: 'orchestration', fines: 'day' })
    expect(z.strictObject(settingFields(choices)).parse({ fines: 'none' })).toEqual({
      lending: 'orchestration',
      fines: 'none',
    })
  })

  it('comes in every combination', () => {
    expect(everyChosen(choices)).toHaveLength(6)
    expect(everyChosen(choices)[4]).toEqual({ lending: 'choreography', fines: 'week' })
  })

  it('is one way where there is nothing to choose', () => {
    expect(everyChosen({})).toEqual([{}])
    expect(readChosen({}, {})).toEqual({})
  })

  it('reaches a function by its environment', () => {
    const settings = { lending: 'choreography', fines: 'week', partitions: 3 } as const
    const chosen = chosenIn(choices, settings)
    expect(chosen).toEqual({ lending: 'choreography', fines: 'week' })
    expect(variablesOf(choices)).toEqual(['LENDING', 'FINES_BY'])
    expect(readChosen(choices, asVariables(choices, chosen))).toEqual(chosen)
  })

  it('is refused where it is none of its values, by the variable and without the value', () => {
    expect(() => readChosen(choices, { FINES_BY: 'secret' })).toThrow(/^FINES_BY: is one of day, week, none$/)
  })
})
