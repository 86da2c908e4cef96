import { compare } from '../../../base/compare.ts'
import type { OccurrenceRef, OccurrenceVariant } from '../occurrence.ts'

/**
 * Who may say what an invitation is: its proven organiser or, where nobody is proven, its first circle (shared/spec: whose words they are).
 * Addresses are the directory's primary ones.
 */
export interface Authority {
  /** Whose own calendar holds the invitation as theirs, or held it last; null where nobody's does here. */
  provenOrganizer: string | null
  /** Whom the invitation names as its organiser; invited too. */
  organizer: string | null
  /** Where nobody is proven: people of the first circle by whom it is known again, the owner of its first copy first. */
  circle: readonly string[]
  /** Whether its proven organiser, else the owner of the first circle's first copy, said yes to it. */
  isAcceptedByOwner: boolean
  /** Whether somebody is invited: named by those who may, a member of an invited group, or the organiser. */
  isInvited(address: string): boolean
  /** The people who are named, the organiser among them; members of groups are not. */
  named: ReadonlySet<string>
  groups: ReadonlySet<string>
  /** Where nobody is proven: the variants of the first circle, as `variantId` names them. */
  circleVariants: ReadonlySet<string>
  /** How the organiser called it off: their own calendar holds it as cancelled, or no more. */
  calledOff: 'cancelled' | 'vanished' | undefined
  /** Changes whenever it may be somebody else who is invited. */
  source: string
}

/** What a person's copy says of its people. */
interface CircleCopy {
  ownerEmail: string
  knownAt: Date
  /** The key of its list: copies of one list share it. */
  list: string
}

/** A list of people and groups that copies name. */
export interface NamedPeople {
  people: ReadonlySet<string>
  groups: ReadonlySet<string>
  organizer: string | null
}

/** The calendars of a circle, and the lists by which they name each other. */
interface Circle {
  /** The owner of the copy known first. */
  firstOwner: string
  owners: ReadonlySet<string>
  lists: ReadonlySet<string>
}

/**
 * The first circle among the copies of an invitation: calendars whose lists name each other, directly or through others; the one that is known
 * first. `names` says whether a list names somebody. Undefined without copies. Pure, and the same for any order of the copies.
 */
export function findFirstCircle(
  copies: readonly CircleCopy[],
  names: (list: string, address: string) => boolean,
): Circle | undefined {
  const first = copies.toSorted(byKnown)[0]
  if (!first) return undefined
  const ownersOf = new Map(
    [...Map.groupBy(copies, ({ list }) => list)].map(([list, some]) => [
      list,
      new Set(some.map(({ ownerEmail }) => ownerEmail)),
    ]),
  )
  const circle = new Map<string, Set<string>>([[first.ownerEmail, new Set([first.list])]])
  // Grows by whoever names, and is named by, somebody who is in it.
  for (let size = -1; size !== circle.size; ) {
    size = circle.size
    for (const [list, owners] of ownersOf) {
      const known = [...circle].filter(([owner, lists]) => names(list, owner) && lists.size > 0)
      if (known.length === 0) continue
      for (const owner of owners) {
        if (circle.get(owner)?.has(list)) continue
        if (!known.some(([one, lists]) => one !== owner && [...lists].some((its) => names(its, owner)))) continue
        circle.set(owner, (circle.get(owner) ?? new Set()).add(list))
      }
    }
  }
  return {
    firstOwner: first.ownerEmail,
    owners: new Set(circle.keys()),
    lists: new Set([...circle.values()].flatMap((lists) => [...lists])),
  }
}

function byKnown(a: CircleCopy, b: CircleCopy): number {
  return a.knownAt.getTime() - b.knownAt.getTime() || compare(a.ownerEmail, b.ownerEmail) || compare(a.list, b.list)
}

/** Whose invitation a UID is, as it is remembered. */
export interface Invitation {
  uid: string
  organizerEmail: string
  /** When the organiser's own calendar was first known to hold it as theirs; null: never. */
  provenAt: Date | null
  /** Since when the copy is known that named this organiser first. */
  firstKnownAt: Date
}

/**
 * Whose invitation a UID is: the organiser whom the copy known first names. Of copies known at one instant that which its organiser holds counts,
 * then the first by name. `remembered` is what was known before. Undefined where no copy names anybody, or one that names nobody was known before:
 * it is its owner's alone.
 */
export function findOrganizer(
  uid: string,
  remembered: Invitation | undefined,
  variants: readonly Pick<OccurrenceVariant, 'organizerEmail' | 'isOrganizerCopy' | 'firstKnownAt'>[],
): Invitation | undefined {
  const said = variants.flatMap(({ organizerEmail, isOrganizerCopy, firstKnownAt }): Invitation[] =>
    organizerEmail === null
      ? []
      : [{ uid, organizerEmail, provenAt: isOrganizerCopy ? firstKnownAt : null, firstKnownAt }],
  )
  const all = [...(remembered ? [remembered] : []), ...said]
  const [first] = all.toSorted(
    (a, b) =>
      a.firstKnownAt.getTime() - b.firstKnownAt.getTime() ||
      Number(b.provenAt !== null) - Number(a.provenAt !== null) ||
      compare(a.organizerEmail, b.organizerEmail),
  )
  if (first && variants.some((v) => v.organizerEmail === null && v.firstKnownAt < first.firstKnownAt)) return undefined
  return first && { ...first, provenAt: provenSince(first.organizerEmail, all) }
}

/** The same for another organiser, whom the one before now names in their own calendar. */
export function handedTo(
  invitation: Invitation,
  organizerEmail: string,
  remembered: Invitation | undefined,
  variants: readonly Pick<OccurrenceVariant, 'organizerEmail' | 'isOrganizerCopy' | 'firstKnownAt'>[],
): Invitation {
  const own = variants.find((variant) => variant.isOrganizerCopy && variant.organizerEmail === organizerEmail)
  const before = remembered?.organizerEmail === organizerEmail ? remembered.provenAt : null
  return { ...invitation, organizerEmail, provenAt: before ?? own?.firstKnownAt ?? null }
}

function provenSince(organizer: string, said: readonly Invitation[]): Date | null {
  const times = said.flatMap(({ organizerEmail, provenAt }) =>
    organizerEmail === organizer && provenAt ? [provenAt] : [],
  )
  return times.toSorted((a, b) => a.getTime() - b.getTime())[0] ?? null
}

/** The instant that an occurrence key stands for; undefined for a single event and for the date of an all-day instance. */
export function keyInstant(key: string): number | undefined {
  return key.includes('T') ? Date.parse(key) : undefined
}

/** Puts the occurrences of one UID together whose keys may be one: equal, or not further apart than the tolerance from the next one. */
export function clustersOf<O extends Pick<OccurrenceRef, 'uid' | 'occurrenceKey'>>(
  occurrences: readonly O[],
  toleranceMs: number,
): O[][] {
  return [...Map.groupBy(occurrences, ({ uid }) => uid).values()].flatMap((sameUid) => {
    const timed = sameUid.flatMap((occurrence) => {
      const at = keyInstant(occurrence.occurrenceKey)
      return at === undefined ? [] : [{ occurrence, at }]
    })
    const clusters: O[][] = []
    let lastAt = Number.NEGATIVE_INFINITY
    for (const { occurrence, at } of timed.sort((a, b) => a.at - b.at)) {
      if (at - lastAt > toleranceMs) clusters.push([])
      clusters.at(-1)?.push(occurrence)
      lastAt = at
    }
    const others = sameUid.filter(({ occurrenceKey }) => keyInstant(occurrenceKey) === undefined)
    return [...clusters, ...Map.groupBy(others, ({ occurrenceKey }) => occurrenceKey).values()]
  })
}
