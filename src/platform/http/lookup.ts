import { lookup as systemLookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { isPublicAddress } from './public-address.ts'
import { privateAddress } from './url-guard.ts'

export interface ResolvedAddress {
  address: string
  family: number
}

/** Finds all addresses of a host name. */
export type ResolveHost = (hostname: string) => Promise<readonly ResolvedAddress[]>

export const resolveHost: ResolveHost = (hostname) => systemLookup(hostname, { all: true })

/** A lookup for sockets. The socket connects to what it answers and asks nobody else. */
export function socketLookup(resolve: ResolveHost): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => answer(hostname, found, options, callback),
      (error: NodeJS.ErrnoException) => callback(error, ''),
    )
  }
}

/**
 * The same, refusing names with any private address. Since checking and connecting use one answer, a name cannot show a public
 * address to the check and a private one to the connection.
 */
export function guardedLookup(resolve: ResolveHost): LookupFunction {
  return socketLookup(async (hostname) => {
    const found = await resolve(hostname)
    if (!found.every(({ address }) => isPublicAddress(address))) throw privateAddress(hostname)
    return found
  })
}

function answer(
  hostname: string,
  found: readonly ResolvedAddress[],
  options: Parameters<LookupFunction>[1],
  callback: Parameters<LookupFunction>[2],
): void {
  const wanted = found.filter(({ family }) => !options.family || options.family === family)
  const [first] = wanted
  if (!first) {
    callback(Object.assign(new Error(`No address for ${hostname}`), { code: 'ENOTFOUND' }), '')
  } else if (options.all) {
    callback(null, [...wanted])
  } else {
    callback(null, first.address, first.family)
  }
}
