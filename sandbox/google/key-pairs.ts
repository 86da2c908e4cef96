import { generateKeyPairSync } from 'node:crypto'

export type KeyPair = ReturnType<typeof makeKeyPair>

export function makeKeyPair() {
  return generateKeyPairSync('rsa', { modulusLength: 2_048 })
}

const first = new Map<string, KeyPair>()

/** Making one takes a tenth of a second, so the servers of one process begin with the same for the same purpose. */
export function firstKeyPair(purpose: string): KeyPair {
  const known = first.get(purpose) ?? makeKeyPair()
  first.set(purpose, known)
  return known
}
