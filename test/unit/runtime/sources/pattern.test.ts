import { describe, expect, it } from 'vitest'
import { matches } from '../../../../localstack/runtime/sources/pattern.ts'

const change = {
  eventName: 'INSERT',
  dynamodb: { NewImage: { publishByChangeFeed: { BOOL: true }, stock: { N: '3' } }, SizeBytes: 120 },
  tags: ['a', 'b'],
}

describe('event patterns', () => {
  it.each([
    ['equality, nested', { dynamodb: { NewImage: { publishByChangeFeed: { BOOL: [true] } } } }, true],
    ['any of a list', { eventName: ['MODIFY', 'INSERT'] }, true],
    ['another value', { dynamodb: { NewImage: { via: { S: ['kafka'] } } } }, false],
    ['a field that is not there', { dynamodb: { OldImage: { publishByChangeFeed: { BOOL: [true] } } } }, false],
    ['two fields, one of which differs', { eventName: ['INSERT'], dynamodb: { SizeBytes: [1] } }, false],
    ['text where a number is', { dynamodb: { SizeBytes: ['120'] } }, false],
    ['an item of a list in the value', { tags: ['b'] }, true],
    ['exists', { eventName: [{ exists: true }] }, true],
    ['exists not', { dynamodb: { OldImage: { via: { S: [{ exists: false }] } } } }, true],
    ['prefix', { eventName: [{ prefix: 'INS' }] }, true],
    ['suffix', { eventName: [{ suffix: 'INS' }] }, false],
    ['anything-but', { eventName: [{ 'anything-but': ['REMOVE'] }] }, true],
    ['numeric', { dynamodb: { SizeBytes: [{ numeric: ['>', 100, '<=', 120] }] } }, true],
    ['$or', { $or: [{ eventName: ['REMOVE'] }, { tags: ['a'] }] }, true],
  ])('%s', (_, pattern, expected) => {
    expect(matches(pattern, change)).toBe(expected)
  })

  it('names an operator that it does not know', () => {
    expect(() => matches({ eventName: [{ cidr: '10.0.0.0/24' }] }, change)).toThrow(/operator "cidr"/)
  })
})
