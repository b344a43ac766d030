import { type PriceName, prices } from './prices.ts'

/** One line of a bill. */
export interface Item {
  readonly what: string
  /** In units of the price: hours, GB, millions of requests. */
  readonly quantity: number
  readonly price: PriceName
}

export const usd = ({ quantity, price }: Item) => quantity * prices[price].usd

export const sum = (items: readonly Item[]) => items.reduce((total, item) => total + usd(item), 0)
