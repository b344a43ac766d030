/** Fields that others name. An assignment to `__proto__` makes no field: it gives the object other ancestors. Pure. */

/** Sets a field of the object's own, whatever it is called. */
export function setOwn<Value>(target: Record<string, Value>, name: string, value: Value): void {
  if (name === '__proto__')
    Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true })
  else target[name] = value
}

/** The object's own field of that name; never what every object has (`constructor`, `toString`). */
export const ownOf = <Value>(of: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(of, name) ? of[name] : undefined
