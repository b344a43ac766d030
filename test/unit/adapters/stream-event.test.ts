import { expect, test } from 'vitest'
import { newImagesOf } from '#engine/adapters/lambda/stream-event.ts'

test('a change feed tells items as the store reads them: numbers of any size are numbers', () => {
  const NewImage = {
    id: { S: 'a' },
    huge: { N: '1e+21' },
    beyond: { M: { $number: { S: '1e+300' } } },
    named: { M: { constructor: { S: 'Set' } } },
  }
  const event = {
    Records: [{ eventSourceARN: 'arn:aws:dynamodb:eu-west-1:1:table/things/stream/x', dynamodb: { NewImage } }],
  }
  expect(newImagesOf(event)).toEqual([
    {
      table: 'things',
      sequenceNumber: '',
      item: { id: 'a', huge: 1e21, beyond: 1e300, named: { constructor: 'Set' } },
    },
  ])
})
