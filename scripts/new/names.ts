/** What a name given on the command line becomes in code. Pure. */
export interface Names {
  /** `parcel-delivery`: folders, functions, topics. */
  readonly name: string
  /** `parcelDelivery` */
  readonly camel: string
  /** `ParcelDelivery` */
  readonly pascal: string
}

/** What is wrong, with what to do about it, in words that need no stack trace. */
export class CannotMake extends Error {
  override readonly name = 'CannotMake'
}

const LENGTH_MAX = 40
/** `saga-control` is the orchestrators' own topic, and `engine` what all of them stand on. */
const RESERVED = new Set(['saga', 'sagas', 'engine'])

/** Throws CannotMake, with a name that would do where there is one. */
export function namesOf(given: string): Names {
  const remedy = 'small letters and digits, parts joined by dashes'
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(given)) {
    const nearest = given
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^[-0-9]+|-+$/g, '')
    throw new CannotMake(`'${given}' is no name: ${remedy}${nearest === '' ? '' : `, such as ${nearest}`}`)
  }
  if (given.length < 3 || given.length > LENGTH_MAX)
    throw new CannotMake(
      `'${given}' is no name: 3 to ${LENGTH_MAX} characters, as tables and functions are named by it`,
    )
  if (RESERVED.has(given) || given.endsWith('-saga') || given.endsWith('-api'))
    throw new CannotMake(`'${given}' is a name of the engine's own (functions end with -saga and -api): choose another`)
  const parts = given.split('-')
  const pascal = parts.map(part => part.charAt(0).toUpperCase() + part.slice(1)).join('')
  return { name: given, camel: pascal.charAt(0).toLowerCase() + pascal.slice(1), pascal }
}
