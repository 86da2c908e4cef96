/** Orders two of one kind, also infinite numbers; text by its code units, so that every machine and language orders alike. */
export function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}
