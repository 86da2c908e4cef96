import { HOUR_MS, MINUTE_MS } from '../../base/time.ts'
import { type OccurrenceRef, type OccurrenceVariant, occurrenceId, variantId } from './occurrence.ts'
import { type Authority, keyInstant } from './words/authority.ts'

/** Two keys of one UID in one room may differ by this much and still be one occurrence: clock changes and zone tables. */
export const KEY_TOLERANCE_MS = 3 * HOUR_MS

/** All that is known about one occurrence from those who have a say: what their copies say, and who takes part. */
export interface Occurrence extends OccurrenceRef {
  /** Of the copies that speak; none where nobody does. */
  variants: readonly OccurrenceVariant[]
  authority: Authority
  /** Of the people whom rules name those invited who hold a copy, whether it names them or not. */
  owners: ReadonlySet<string>
  /** The meeting it was part of so far. */
  meetingId: string | null
}

/** Occurrences that are one meeting; at least one. */
export type OccurrenceGroup = readonly [Occurrence, ...Occurrence[]]

/** Says of two occurrences of one UID whether the calendar of somebody who has a say holds both: then they are two. */
export type HeldTogether = (a: OccurrenceRef, b: OccurrenceRef) => boolean

/** Invitations of one time in one room, each with another such that all whom the later one invites are own people of the earlier: it adds no reader. */
export type WithoutNewReaders = readonly (readonly [OccurrenceRef, OccurrenceRef])[]

/**
 * Puts together the occurrences that are one meeting (shared/spec: identity). Pure, and the same for any order of its input.
 * One room at a time; overlap alone never joins two.
 */
export function groupOccurrences(
  occurrences: readonly Occurrence[],
  heldTogether: HeldTogether,
  withoutNewReaders: WithoutNewReaders,
): OccurrenceGroup[] {
  const sorted = occurrences.toSorted((a, b) => (occurrenceId(a) < occurrenceId(b) ? -1 : 1))
  const groupOf = new Map<Occurrence, Occurrence[]>(sorted.map((occurrence) => [occurrence, [occurrence]]))
  const join = (
    a: Occurrence,
    b: Occurrence,
    mayJoin?: (x: readonly Occurrence[], y: readonly Occurrence[]) => boolean,
  ) => {
    const groups = [groupOf.get(a) as Occurrence[], groupOf.get(b) as Occurrence[]] as const
    const [into, from] = groups[0].length < groups[1].length ? [groups[1], groups[0]] : groups
    if (into === from) return
    if (mayJoin && !mayJoin(into, from)) return
    into.push(...from)
    for (const occurrence of from) groupOf.set(occurrence, into)
  }
  for (const sameUid of Map.groupBy(sorted, (o) => JSON.stringify([o.roomKey, o.uid])).values()) {
    for (const [a, b] of pairsOfNearKeys(sameUid, heldTogether)) join(a, b)
  }
  for (const sameTime of listSameTimes(sorted)) for (const [a, b] of listOneInvitations(sameTime)) join(a, b)
  const byId = new Map(sorted.map((occurrence) => [occurrenceId(occurrence), occurrence]))
  const followers = new Map<string, Set<string>>()
  for (const [earlier, later] of withoutNewReaders) {
    const known = followers.get(occurrenceId(earlier)) ?? new Set()
    followers.set(occurrenceId(earlier), known.add(occurrenceId(later)))
  }
  const addsNoReader = (earlier: Occurrence, later: Occurrence) =>
    followers.get(occurrenceId(earlier))?.has(occurrenceId(later)) === true
  for (const pair of withoutNewReaders) {
    const [a, b] = pair.map((ref) => byId.get(occurrenceId(ref)))
    if (a && b) join(a, b, (into, from) => mayBeOne(into, from, addsNoReader))
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

/** Occurrences in one room that begin and end in the same minutes, all alive, where they are of several UIDs. */
export function listSameTimes(occurrences: readonly Occurrence[]): Occurrence[][] {
  return [...Map.groupBy(occurrences.filter(isAlive), roomAndTime).values()].filter(haveSeveralUids)
}

function haveSeveralUids(occurrences: readonly Occurrence[]): boolean {
  return occurrences.some(({ uid }) => uid !== occurrences[0]?.uid)
}

/**
 * The invitations of one organiser, whose calendar holds them all: they are for one meeting. Organiser by organiser, since to look at each two
 * of many would take for ever.
 */
function listOneInvitations(sameTime: readonly Occurrence[]): [Occurrence, Occurrence][] {
  const proven = sameTime.filter(({ authority }) => authority.provenOrganizer !== null)
  return [...Map.groupBy(proven, ({ authority }) => authority.provenOrganizer).values()]
    .filter(haveSeveralUids)
    .flatMap(([first, ...others]) => (first ? others.map((other): [Occurrence, Occurrence] => [first, other]) : []))
}

/**
 * Whether two groups are one meeting: each invitation of the one with each of the other, so that a third that would join either does not make two of
 * them one. Several of one organiser are one invitation: whoever comes after it adds nobody to any of them, and all that it brings add nobody.
 */
function mayBeOne(
  a: readonly Occurrence[],
  b: readonly Occurrence[],
  addsNoReader: (earlier: Occurrence, later: Occurrence) => boolean,
): boolean {
  const follows = (later: readonly Occurrence[], earlier: readonly Occurrence[]) =>
    later.every((y) => earlier.some((x) => addsNoReader(x, y)))
  return invitationsOf(a).every((x) => invitationsOf(b).every((y) => follows(y, x) || follows(x, y)))
}

/** The invitations of a group: what one organiser wrote, or else has one UID. */
function invitationsOf(group: readonly Occurrence[]): Occurrence[][] {
  return [...Map.groupBy(group, ({ uid, authority }) => authority.provenOrganizer ?? `uid ${uid}`).values()]
}

/** Whether one organiser, whose calendar holds both, wrote two invitations for one meeting. */
function isOneInvitation(a: Occurrence, b: Occurrence): boolean {
  return a.authority.provenOrganizer !== null && a.authority.provenOrganizer === b.authority.provenOrganizer
}

/**
 * The part of a meeting that speaks for the whole: the invitation known first of those that take place. One that joined it, as it adds no reader,
 * has no say in whose it is.
 */
export function leadingPart(group: OccurrenceGroup): OccurrenceGroup {
  const alive = group.filter(isAlive)
  const [first] = alive.toSorted(byFirstKnown)
  if (!first) return group
  const isItsOwn = (one: Occurrence) => one.uid === first.uid || isOneInvitation(one, first)
  return [first, ...group.filter((one) => one !== first && isItsOwn(one))]
}

/** Orders by since when an invitation is known. */
export function byFirstKnown(a: Occurrence, b: Occurrence): number {
  const knownMs = ({ variants }: Occurrence) => Math.min(...variants.map(({ firstKnownAt }) => firstKnownAt.getTime()))
  return knownMs(a) - knownMs(b) || (occurrenceId(a) < occurrenceId(b) ? -1 : 1)
}

function isAlive(occurrence: Occurrence): boolean {
  return occurrence.variants.some((variant) => variant.supporting > 0)
}

function roomAndTime(occurrence: Occurrence): string {
  const said = speakingVariant([occurrence])
  const minute = (at: Date | undefined) => Math.floor((at?.getTime() ?? 0) / MINUTE_MS)
  return JSON.stringify([occurrence.roomKey, minute(said?.startsAt), minute(said?.endsAt)])
}

/**
 * The variant that speaks for a meeting: the organiser's own copy, whether or not its calendar is connected, else the most supported of the first
 * circle's. Of several copies of the organiser's that which takes place, then that known first. Ties go by a fixed order.
 */
export function speakingVariant(group: readonly Occurrence[]): OccurrenceVariant | undefined {
  const ranked = group.flatMap(({ variants, authority }) =>
    variants.map((variant) => ({
      variant,
      isAlive: variants.some(({ supporting }) => supporting > 0),
      isOwn: variant.isOrganizerCopy && variant.organizerEmail === authority.provenOrganizer,
      isOfCircle: authority.circleVariants.has(variantId(variant)),
    })),
  )
  return ranked.toSorted(
    (a, b) =>
      Number(b.isAlive) - Number(a.isAlive) ||
      Number(b.isOwn) - Number(a.isOwn) ||
      Number(b.isOfCircle) - Number(a.isOfCircle) ||
      Number(b.variant.supporting > 0) - Number(a.variant.supporting > 0) ||
      (a.isOwn ? a.variant.firstKnownAt.getTime() - b.variant.firstKnownAt.getTime() : 0) ||
      b.variant.supporting - a.variant.supporting ||
      b.variant.copies - a.variant.copies ||
      (a.variant.variant < b.variant.variant ? -1 : 1),
  )[0]?.variant
}
