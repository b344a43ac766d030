import { hasAtMost } from '../model/text.ts'
import { HttpProblem } from './problem.ts'

/** Who asks, from the claims that API Gateway's authorizer has checked. */
export interface Identity {
  /** The token's `sub`: the owner of what it makes. */
  readonly sub: string
  readonly operator: boolean
}

export const OPERATORS = 'operators'

/** Characters of a `sub`: messages carry it as an order's `customerId`, and their contracts take no longer one. */
const SUB_MAX = 256

/** API Gateway hands groups on as text: `operators,other`, or `[operators other]`. Throws 401 without a `sub` that is text. */
export function identityOf(claims: Readonly<Record<string, unknown>> | undefined): Identity {
  const sub = claims?.['sub']
  if (typeof sub !== 'string' || sub === '' || !sub.isWellFormed())
    throw new HttpProblem('unauthorized', { detail: 'Send a token: Authorization: Bearer <token>.' })
  if (!hasAtMost(sub, SUB_MAX))
    throw new HttpProblem('unauthorized', { detail: `The token's sub is longer than ${SUB_MAX} characters.` })
  const groups = claims?.['cognito:groups']
  return { sub, operator: typeof groups === 'string' && groups.split(/[\s,[\]]+/).includes(OPERATORS) }
}

/** Throws 403 for everybody else. */
export function requireOperator({ operator }: Identity): void {
  if (operator) return
  throw new HttpProblem('forbidden', { detail: `The token's user is not in the group "${OPERATORS}".` })
}
