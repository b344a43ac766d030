import { InvalidArgumentError } from 'commander'

/** Reads an option that is a whole number of at least this much. */
export const wholeFrom = (least: number) => (text: string) => {
  const n = Number(text)
  if (!Number.isInteger(n) || n < least) throw new InvalidArgumentError(`it is a whole number from ${least}`)
  return n
}
