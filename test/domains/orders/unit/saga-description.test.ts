import { describe } from '#engine/saga/describe.ts'
import { mermaid } from '#engine/saga/saga-diagram.ts'
import { expect, it } from 'vitest'
import { expectWays } from '../../../support/state-diagram.ts'
import { orderSaga } from '../../../../lambdas/sagas/order/saga.ts'

it('the order saga is described in full', async () => {
  const json = `${JSON.stringify(describe(orderSaga), null, 2)}\n`
  await expect(json).toMatchFileSnapshot('snapshots/saga-description.txt')
})

it('the order saga is drawn, every state with a way on and a way in', async () => {
  const drawn = mermaid(orderSaga)
  await expect(drawn).toMatchFileSnapshot('snapshots/saga.mmd')
  expectWays(drawn)
})
