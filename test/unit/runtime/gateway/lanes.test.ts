import { expect, test } from 'vitest'
import { laneOf, WAITING_MAX } from '../../../../localstack/runtime/gateway/lanes.ts'

test.each([
  ['a post that waits', 'POST', 'wait=20', 0, 'waiting'],
  ['one that names it among others', 'POST', 'respond-async, wait=5', 0, 'waiting'],
  ['one that does not wait', 'POST', undefined, 0, 'ordinary'],
  ['one that waits for nothing', 'POST', 'wait=0', 0, 'ordinary'],
  ['one whose preference nobody can read', 'POST', 'wait=long', 0, 'ordinary'],
  ['a get, which never waits', 'GET', 'wait=20', 0, 'ordinary'],
  ['the last that may wait', 'POST', 'wait=20', WAITING_MAX - 1, 'waiting'],
  ['one too many', 'POST', 'wait=20', WAITING_MAX, 'without-waiting'],
])('%s', (_, method, prefer, waiting, lane) => {
  expect(laneOf({ method, prefer }, waiting)).toBe(lane)
})
