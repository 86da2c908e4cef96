import type { KnownPeople } from '../../people/index.ts'
import type { Counts, OccurrenceRef, OccurrenceVariant } from '../occurrence.ts'
import type { Invitation, NamedPeople } from './authority.ts'

/** A variant with the people whom its copies name, and what was counted of those that do not speak. */
export interface HeardVariant extends OccurrenceVariant {
  people: readonly string[]
  groups: readonly string[]
  muteFor: string | null
  mute: Counts | null
}

/** All that some copies say of an occurrence, whoever wrote them. */
export interface HeardOccurrence extends OccurrenceRef {
  variants: readonly HeardVariant[]
  /** Of the people whom rules name those who hold a copy. */
  owners: ReadonlySet<string>
  meetingId: string | null
  /** Whose meeting that is, as their own calendar said. */
  provenBefore: string | null
  /** Whose invitation the UID is, as remembered. */
  invitation: Invitation | undefined
}

/** Whom a variant names, by their main addresses. */
export function namedBy(variant: HeardVariant, { primaryOf, membersOf }: KnownPeople): NamedPeople {
  const organizer = variant.organizerEmail === null ? null : primaryOf(variant.organizerEmail)
  // Google does not say which of the invited is a group; the directory does.
  const isGroup = (address: string) => membersOf(address) !== undefined
  const people = new Set(variant.people.filter((address) => !isGroup(address)).map(primaryOf))
  if (organizer !== null) people.add(organizer)
  return { people, groups: new Set([...variant.groups, ...variant.people.filter(isGroup)]), organizer }
}

/** Whether a list names somebody, by a group or by themselves. */
export function isNamed(list: NamedPeople, address: string, people: KnownPeople): boolean {
  return list.people.has(address) || [...list.groups].some((group) => people.membersOf(group)?.members.has(address))
}
