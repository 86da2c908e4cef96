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

/** Says of two invitations whether all whom the later one invites are own people of the earlier: then it adds no reader. */
export type AddsNoReader = (a: OccurrenceRef, b: OccurrenceRef) => boolean

/**
 * Puts together the occurrences that are one meeting (shared/spec: identity). Pure, and the same for any order of its input.
 * One room at a time; overlap alone never joins two.
 */
export function groupOccurrences(
  occurrences: readonly Occurrence[],
  heldTogether: HeldTogether,
  addsNoReader: AddsNoReader,
): OccurrenceGroup[] {
  const sorted = occurrences.toSorted((a, b) => (occurrenceId(a) < occurrenceId(b) ? -1 : 1))
  const groupOf = new Map<Occurrence, Occurrence[]>(sorted.map((occurrence) => [occurrence, [occurrence]]))
  const join = (a: Occurrence, b: Occurrence, mayJoin?: (x: Occurrence, y: Occurrence) => boolean) => {
    const [into, from] = [groupOf.get(a) as Occurrence[], groupOf.get(b) as Occurrence[]]
    if (into === from) return
    if (mayJoin && !into.every((x) => from.every((y) => mayJoin(x, y)))) return
    into.push(...from)
    for (const occurrence of from) groupOf.set(occurrence, into)
  }
  for (const sameUid of Map.groupBy(sorted, (o) => JSON.stringify([o.roomKey, o.uid])).values()) {
    for (const [a, b] of pairsOfNearKeys(sameUid, heldTogether)) join(a, b)
  }
  const pairs = pairsOfOtherUids(sorted).filter(([a, b]) => isOneInvitation(a, b) || addsNoReader(a, b))
  const uidsId = (a: Occurrence, b: Occurrence) => JSON.stringify([a.roomKey, ...[a.uid, b.uid].sort()])
  const joined = new Set(pairs.map(([a, b]) => uidsId(a, b)))
  // Each with each: a third that would join either does not make two invitations one.
  for (const [a, b] of pairs) join(a, b, (x, y) => x.uid === y.uid || joined.has(uidsId(x, y)))
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

/** Occurrences of other UIDs in one room that begin and end in the same minutes, both alive. */
export function pairsOfOtherUids(occurrences: readonly Occurrence[]): [Occurrence, Occurrence][] {
  return [...Map.groupBy(occurrences.filter(isAlive), roomAndTime).values()].flatMap((sameTime) =>
    sameTime.flatMap((a, i) =>
      sameTime.slice(i + 1).flatMap((b): [Occurrence, Occurrence][] => (a.uid === b.uid ? [] : [[a, b]])),
    ),
  )
}

/** Whether one organiser, whose calendar holds both, wrote two invitations for one meeting. */
export function isOneInvitation(a: Occurrence, b: Occurrence): boolean {
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
