import { HOUR_MS, MINUTE_MS } from '../../base/time.ts'
import { type OccurrenceRef, type OccurrenceVariant, occurrenceId } from './occurrence.ts'

/** Two keys of one UID in one room may differ by this much and still be one occurrence: clock changes and zone tables. */
export const KEY_TOLERANCE_MS = 3 * HOUR_MS

/** All that is known about one occurrence: what its copies say, and who takes part. */
export interface Occurrence extends OccurrenceRef {
  variants: readonly OccurrenceVariant[]
  /** Organisers and attendees, as the copies name them. */
  participants: ReadonlySet<string>
  /** Groups that were invited, as their addresses. */
  groups: ReadonlySet<string>
  /** Of the people whom rules name those who hold a copy, whether it names them or not. */
  owners: ReadonlySet<string>
  /** The meeting it was part of so far. */
  meetingId: string | null
}

/** Occurrences that are one meeting; at least one. */
export type OccurrenceGroup = readonly [Occurrence, ...Occurrence[]]

/** Says of two occurrences of one UID whether some calendar holds both: then they are two. */
export type HeldTogether = (a: OccurrenceRef, b: OccurrenceRef) => boolean

/**
 * Puts together the occurrences that are one meeting (shared/spec: identity). Pure, and the same for any order of its input.
 * One room at a time; overlap alone never joins two.
 */
export function groupOccurrences(occurrences: readonly Occurrence[], heldTogether: HeldTogether): OccurrenceGroup[] {
  const sorted = occurrences.toSorted((a, b) => (occurrenceId(a) < occurrenceId(b) ? -1 : 1))
  const groupOf = new Map<Occurrence, Occurrence[]>(sorted.map((occurrence) => [occurrence, [occurrence]]))
  const join = (a: Occurrence, b: Occurrence) => {
    const groups = [groupOf.get(a) as Occurrence[], groupOf.get(b) as Occurrence[]] as const
    const [into, from] = groups[0].length < groups[1].length ? [groups[1], groups[0]] : groups
    if (into === from) return
    into.push(...from)
    for (const occurrence of from) groupOf.set(occurrence, into)
  }
  for (const sameUid of Map.groupBy(sorted, (o) => JSON.stringify([o.roomKey, o.uid])).values()) {
    for (const [a, b] of pairsOfNearKeys(sameUid, heldTogether)) join(a, b)
  }
  for (const sameTime of Map.groupBy(sorted.filter(isAlive), roomAndTime).values()) {
    joinOtherUids(sameTime, join)
  }
  return [...new Set(groupOf.values())].map((group) => group as unknown as OccurrenceGroup)
}

/** Nearest keys first, each occurrence in one pair at most. */
function pairsOfNearKeys(sameUid: readonly Occurrence[], heldTogether: HeldTogether): [Occurrence, Occurrence][] {
  const timed = sameUid
    .map((occurrence) => ({ occurrence, at: keyInstant(occurrence.occurrenceKey) }))
    .filter((entry) => entry.at !== undefined) as { occurrence: Occurrence; at: number }[]
  const near: { a: Occurrence; b: Occurrence; apart: number }[] = []
  timed.sort((x, y) => x.at - y.at)
  for (let i = 0; i < timed.length; i++) {
    for (let j = i + 1; j < timed.length; j++) {
      const [x, y] = [timed[i] as (typeof timed)[0], timed[j] as (typeof timed)[0]]
      if (y.at - x.at > KEY_TOLERANCE_MS) break
      near.push({ a: x.occurrence, b: y.occurrence, apart: y.at - x.at })
    }
  }
  near.sort((x, y) => x.apart - y.apart)
  const taken = new Set<Occurrence>()
  const pairs: [Occurrence, Occurrence][] = []
  for (const { a, b } of near) {
    if (taken.has(a) || taken.has(b) || !startsNear(a, b) || heldTogether(a, b)) continue
    taken.add(a).add(b)
    pairs.push([a, b])
  }
  return pairs
}

/** The keys are close because a clock differs, so the starts must be close as well. */
function startsNear(a: Occurrence, b: Occurrence): boolean {
  return a.variants.some((x) =>
    b.variants.some((y) => Math.abs(x.startsAt.getTime() - y.startsAt.getTime()) <= KEY_TOLERANCE_MS),
  )
}

/** Person by person, since one who is invited to all joins all: to look at each two of many would take for ever. */
function joinOtherUids(sameTime: readonly Occurrence[], join: (a: Occurrence, b: Occurrence) => void): void {
  const ofPerson = new Map<string, Occurrence[]>()
  for (const occurrence of sameTime) {
    for (const person of occurrence.participants) {
      const known = ofPerson.get(person)
      if (known) known.push(occurrence)
      else ofPerson.set(person, [occurrence])
    }
  }
  for (const [first, ...others] of ofPerson.values()) {
    // Copies of one UID join each other only through one of another.
    if (first === undefined || others.every(({ uid }) => uid === first.uid)) continue
    for (const other of others) join(first, other)
  }
}

function isAlive(occurrence: Occurrence): boolean {
  return occurrence.variants.some((variant) => variant.supporting > 0)
}

function roomAndTime(occurrence: Occurrence): string {
  const said = speakingVariant(occurrence.variants)
  const minute = (at: Date | undefined) => Math.floor((at?.getTime() ?? 0) / MINUTE_MS)
  return JSON.stringify([occurrence.roomKey, minute(said?.startsAt), minute(said?.endsAt)])
}

/** The instant a key stands for; undefined for a single event and for the date of an all-day instance. */
function keyInstant(key: string): number | undefined {
  return key.includes('T') ? Date.parse(key) : undefined
}

/**
 * The variant that speaks for its occurrence: the organiser's copy, else the most supported; ties go to the most copies, then to a
 * fixed order. Variants nobody supports speak only where there is no other. Of several that call themselves the organiser's, as a copied
 * invitation can, the one whose organiser most copies name.
 */
export function speakingVariant(variants: readonly OccurrenceVariant[]): OccurrenceVariant | undefined {
  const naming = new Map<string | null, number>()
  for (const { organizerEmail, copies } of variants)
    naming.set(organizerEmail, (naming.get(organizerEmail) ?? 0) + copies)
  const named = ({ isOrganizerCopy, organizerEmail }: OccurrenceVariant) =>
    isOrganizerCopy ? (naming.get(organizerEmail) ?? 0) : 0
  return variants.toSorted(
    (a, b) =>
      Number(b.supporting > 0) - Number(a.supporting > 0) ||
      Number(b.isOrganizerCopy) - Number(a.isOrganizerCopy) ||
      named(b) - named(a) ||
      b.supporting - a.supporting ||
      b.copies - a.copies ||
      (a.variant < b.variant ? -1 : 1),
  )[0]
}
