import { describe, expect, it } from 'vitest'
import {
  covers,
  createLedger,
  type Granted,
  unusedOf,
  type Use,
} from '../../../../localstack/runtime/permissions/uses.ts'
import { PermissionDenied, whatIsTooMuch } from '../../../../localstack/runtime/permissions/permission-report.ts'

const orders = { action: 'dynamodb:Query', resource: 'arn:aws:dynamodb:eu-west-1:000000000000:table/orders' }
const granted: Granted = new Map([['order-api', [orders]]])

describe('a permission', () => {
  it.each([
    [orders, true],
    [{ ...orders, action: 'dynamodb:*' }, true],
    [{ ...orders, resource: '*' }, true],
    [{ ...orders, resource: 'arn:aws:dynamodb:*:000000000000:table/order?' }, true],
    [{ ...orders, action: 'dynamodb:PutItem' }, false],
    [{ ...orders, resource: `${orders.resource}/index/byCustomer` }, false],
    [{ ...orders, resource: 'arn:aws:dynamodb:eu-west-1:000000000000:table/order' }, false],
    [{ ...orders, action: 'dynamodb.Query' }, false],
    [{ ...orders, action: 'dynamodb.*' }, false],
  ])('of %o covers what it says, with the wildcards of IAM: %s', (permission, yes) => {
    expect(covers(permission, orders)).toBe(yes)
  })
})

describe('what functions use', () => {
  const message = (asked: (ledger: ReturnType<typeof createLedger>) => void) => {
    const uses: Use[] = []
    asked(createLedger(granted, use => uses.push(use)))
    return uses
  }

  it('is allowed where a policy says so, denied elsewhere and to anybody else, and told once', () => {
    const other = { ...orders, action: 'dynamodb:PutItem' }
    const uses = message(ledger => {
      expect(ledger.use('order-api', orders)).toBe(true)
      expect(ledger.use('order-api', orders)).toBe(true)
      expect(ledger.use('order-api', other)).toBe(false)
      expect(ledger.use('product-api', orders)).toBe(false)
      expect(ledger.use('product-api', orders)).toBe(false)
    })
    expect(uses).toEqual([
      { functionName: 'order-api', ...orders, allowed: true },
      { functionName: 'order-api', ...other, allowed: false },
      { functionName: 'product-api', ...orders, allowed: false },
    ])
    expect(new PermissionDenied(uses.filter(({ allowed }) => !allowed)).message).toMatch(
      /^order-api may not dynamodb:PutItem on table\/orders: add .*\nproduct-api may not dynamodb:Query on table\/orders: add /,
    )
  })

  it('is denied where the server refused it, whatever the policies say', () => {
    expect(message(ledger => expect(ledger.use('order-api', orders, true)).toBe(false))).toMatchObject([
      { allowed: false },
    ])
  })

  it('leaves over what nobody used, by its name', () => {
    const none: Use[] = [
      { functionName: 'product-api', ...orders, allowed: true },
      { functionName: 'order-api', ...orders, allowed: false },
    ]
    expect(whatIsTooMuch(unusedOf(granted, none))).toEqual([
      expect.stringMatching(/^order-api may dynamodb:Query on table\/orders, and never did: /),
    ])
    expect(
      whatIsTooMuch(
        unusedOf(
          granted,
          message(ledger => ledger.use('order-api', orders)),
        ),
      ),
    ).toEqual([])
  })
})
