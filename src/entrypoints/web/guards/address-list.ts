import { BlockList, isIP } from 'node:net'
import { AppError } from '../../../base/errors.ts'

/** Addresses and blocks of addresses. */
export interface AddressList {
  has(address: string): boolean
}

/** Reads addresses such as 10.0.0.5, 10.0.0.0/8 or ::1. Throws `trusted_proxy_invalid` naming the one it cannot read. */
export function parseAddressList(entries: readonly string[]): AddressList {
  const list = new BlockList()
  for (const entry of entries) {
    try {
      add(list, entry)
    } catch (cause) {
      throw new AppError(
        'trusted_proxy_invalid',
        `TRUSTED_PROXIES: "${entry.slice(0, 60)}" is not an address such as 10.0.0.5 or a block such as 10.0.0.0/8.`,
        { cause },
      )
    }
  }
  return { has: (address) => isIP(address) !== 0 && list.check(address, familyOf(address)) }
}

function add(list: BlockList, entry: string): void {
  const [address = '', bits, more] = entry.split('/')
  if (isIP(address) === 0 || more !== undefined) throw new Error('not an address')
  if (bits === undefined) list.addAddress(address, familyOf(address))
  else if (/^\d{1,3}$/.test(bits)) list.addSubnet(address, Number(bits), familyOf(address))
  else throw new Error('not a number of bits')
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

const loopback = parseAddressList(['127.0.0.0/8', '::1'])

/** Whether a peer is this machine; 127.0.0.1 seen through an IPv6 socket included. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && loopback.has(address)
}
