import { type EventChange, type EventFacts, isOrganizerCopy } from '../calendars/index.ts'

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
  /** Copies that keep the meeting alive: not cancelled, not declined, calendar connected. */
  supporting: number
  declined: number
  cancelled: number
  /** Supporting copies of people who accepted, the organiser's among them, and of those who answered perhaps. */
  accepted: number
  tentative: number
}

export const countNames = ['copies', 'supporting', 'declined', 'cancelled', 'accepted', 'tentative'] as const

/** The counts of a variant, or of several together. */
export type Counts = Record<(typeof countNames)[number], number>

const noCounts: Counts = { copies: 0, supporting: 0, declined: 0, cancelled: 0, accepted: 0, tentative: 0 }

/** The counts of some variants together. */
export function sumCounts(variants: readonly Counts[]): Counts {
  const sum = { ...noCounts }
  for (const variant of variants) for (const name of countNames) sum[name] += variant[name]
  return sum
}

export function occurrenceId(ref: OccurrenceRef): string {
  return JSON.stringify([ref.roomKey, ref.uid, ref.occurrenceKey])
}

/** By how much the counts of each variant move through some changes; variants that stay as they were are left out. */
export function variantDeltas(changes: readonly EventChange[]): OccurrenceVariant[] {
  const deltas = new Map<string, OccurrenceVariant>()
  const add = (facts: EventFacts | null, sign: 1 | -1) => {
    const row = facts && toVariant(facts)
    if (!row) return
    const key = `${occurrenceId(row)}${row.variant}`
    const sum = deltas.get(key) ?? { ...row, ...noCounts }
    for (const name of countNames) sum[name] += sign * row[name]
    deltas.set(key, sum)
  }
  for (const { before, after } of changes) {
    add(before, -1)
    add(after, 1)
  }
  return [...deltas.values()].filter((delta) => countNames.some((name) => delta[name] !== 0))
}

function toVariant(facts: EventFacts): OccurrenceVariant | undefined {
  const { roomKey, platform, roomId, meetingUrl, variant } = facts
  if (variant === null || roomKey === null || platform === null || roomId === null || meetingUrl === null) return
  const isDeclined = facts.ownResponse === 'declined'
  const supports = facts.isConnected && !facts.isCancelled && !isDeclined
  const hasAccepted = facts.ownResponse === 'accepted' || isOrganizerCopy(facts)
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
    isOrganizerCopy: isOrganizerCopy(facts),
    visibility: facts.visibility,
    kind: facts.kind,
    tags: facts.tags,
    meetingUrl,
    platform,
    roomId,
    copies: 1,
    supporting: Number(supports),
    declined: Number(isDeclined),
    cancelled: Number(facts.isCancelled),
    accepted: Number(supports && hasAccepted),
    tentative: Number(supports && !hasAccepted && facts.ownResponse === 'tentative'),
  }
}
