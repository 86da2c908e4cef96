import type { EventChange, EventFacts } from '../calendars/index.ts'

/** Names one occurrence of one invitation in one room. */
export interface OccurrenceRef {
  roomKey: string
  uid: string
  occurrenceKey: string
}

/** Copies of one occurrence that say the same, counted. */
export interface OccurrenceVariant extends OccurrenceRef {
  variant: string
  startsAt: Date
  endsAt: Date
  isAllDay: boolean
  title: string
  organizerEmail: string | null
  /** Whether this is what the organiser's own calendar says. */
  isOrganizerCopy: boolean
  visibility: string
  kind: string
  tags: readonly string[]
  meetingUrl: string
  platform: string
  roomId: string
  copies: number
  /** Whether each of these copies names its owner: then they are one circle. */
  namesOwner: boolean
  /** Since when the first of them is known, and since when it stands in this room at this time; see `EventFacts`. */
  firstKnownAt: Date
  placedAt: Date
  /** Copies that keep the meeting alive: not cancelled, not declined, calendar connected. */
  supporting: number
  declined: number
  cancelled: number
  /** Supporting copies of people who accepted, the organiser's among them, and of those who answered perhaps. */
  accepted: number
  tentative: number
  /** Copies that were deleted when they had begun. */
  vanished: number
}

export const countNames = [
  'copies',
  'supporting',
  'declined',
  'cancelled',
  'accepted',
  'tentative',
  'vanished',
] as const

/** The counts of a variant, or of several together. */
export type Counts = Record<(typeof countNames)[number], number>

export const noCounts: Counts = {
  copies: 0,
  supporting: 0,
  declined: 0,
  cancelled: 0,
  accepted: 0,
  tentative: 0,
  vanished: 0,
}

/** The counts of some variants together. */
export function sumCounts(variants: readonly Counts[]): Counts {
  const sum = { ...noCounts }
  for (const variant of variants) for (const name of countNames) sum[name] += variant[name]
  return sum
}

/** Adds counts, or takes them away. */
export function addCounts(a: Counts, b: Counts, sign: 1 | -1 = 1): Counts {
  return Object.fromEntries(countNames.map((name) => [name, a[name] + sign * b[name]])) as Counts
}

export function occurrenceId(ref: OccurrenceRef): string {
  return JSON.stringify([ref.roomKey, ref.uid, ref.occurrenceKey])
}

/** Names a variant of an occurrence. */
export function variantId(ref: OccurrenceRef & { variant: string }): string {
  return `${occurrenceId(ref)}${ref.variant}`
}

/** By how much the counts of each variant move through some changes; variants that stay as they were are left out. */
export function variantDeltas(changes: readonly EventChange[]): OccurrenceVariant[] {
  const deltas = new Map<string, OccurrenceVariant>()
  const add = (facts: EventFacts | null, sign: 1 | -1) => {
    const row = facts && variantOfFacts(facts)
    if (!row) return
    const key = variantId(row)
    const sum = deltas.get(key) ?? { ...row, ...noCounts, firstKnownAt: NEVER, placedAt: NEVER }
    for (const name of countNames) sum[name] += sign * row[name]
    if (sign === 1) for (const name of ['firstKnownAt', 'placedAt'] as const) sum[name] = earlier(sum[name], row[name])
    deltas.set(key, sum)
  }
  for (const { before, after } of changes) {
    add(before, -1)
    add(after, 1)
  }
  return [...deltas.values()].filter((delta) => countNames.some((name) => delta[name] !== 0))
}

/** Later than anything: of copies that go away nothing is learnt. */
const NEVER = new Date(Date.UTC(9999, 0, 1))

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b
}

/** What one copy adds to the counts; undefined for one without a room. */
export function variantOfFacts(facts: EventFacts): OccurrenceVariant | undefined {
  const { roomKey, platform, roomId, meetingUrl, variant } = facts
  if (variant === null || roomKey === null || platform === null || roomId === null || meetingUrl === null) return
  const isDeclined = facts.ownResponse === 'declined'
  const supports = facts.isConnected && !facts.isCancelled && !facts.hasVanished && !isDeclined
  const hasAccepted = facts.ownResponse === 'accepted' || facts.isOrganizerCopy
  return {
    roomKey,
    uid: facts.uid,
    occurrenceKey: facts.occurrenceKey,
    variant,
    startsAt: facts.startsAt,
    endsAt: facts.endsAt,
    isAllDay: facts.isAllDay,
    title: facts.title,
    organizerEmail: facts.organizerEmail,
    isOrganizerCopy: facts.isOrganizerCopy,
    visibility: facts.visibility,
    kind: facts.kind,
    tags: facts.tags,
    meetingUrl,
    platform,
    roomId,
    namesOwner: facts.namesOwner,
    firstKnownAt: facts.knownAt,
    placedAt: facts.placedAt,
    copies: 1,
    supporting: Number(supports),
    declined: Number(isDeclined),
    cancelled: Number(facts.isCancelled && !facts.hasVanished),
    accepted: Number(supports && hasAccepted),
    tentative: Number(supports && !hasAccepted && facts.ownResponse === 'tentative'),
    vanished: Number(facts.hasVanished),
  }
}
