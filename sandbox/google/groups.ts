import { addressOf } from './event.ts'

/** A member of a group: somebody of the domain, another group, somebody from elsewhere, or everybody of the domain. */
interface GroupMember {
  /** Null for everybody. */
  email: string | null
  type: 'USER' | 'GROUP' | 'EXTERNAL' | 'CUSTOMER'
}

/** The groups of the domain. */
export interface Groups {
  /** Makes a group, or gives it other members; `*` is everybody of the domain. */
  set(address: string, members: readonly string[]): void
  delete(address: string): void
  /** Its members; with `derived` also those of the groups in it. Undefined where there is no such group. */
  membersOf(address: string, derived: boolean): GroupMember[] | undefined
}

export function createGroups({ isOurs }: { isOurs: (address: string) => boolean }): Groups {
  const groups = new Map<string, string[]>()
  const read = (email: string): GroupMember => {
    if (email === '*') return { email: null, type: 'CUSTOMER' }
    if (groups.has(email)) return { email, type: 'GROUP' }
    return { email, type: isOurs(email) ? 'USER' : 'EXTERNAL' }
  }
  const collect = (address: string, derived: boolean, seen: Set<string>): GroupMember[] => {
    if (seen.has(address)) return []
    seen.add(address)
    const direct = (groups.get(address) ?? []).map(read)
    const nested = derived ? direct.filter(({ type }) => type === 'GROUP') : []
    return [...direct, ...nested.flatMap(({ email }) => collect(email ?? '', derived, seen))]
  }
  return {
    set: (address, members) => {
      groups.set(addressOf(address), members.map(addressOf))
    },
    delete: (address) => void groups.delete(addressOf(address)),
    membersOf: (address, derived) =>
      groups.has(addressOf(address)) ? collect(addressOf(address), derived, new Set()) : undefined,
  }
}
