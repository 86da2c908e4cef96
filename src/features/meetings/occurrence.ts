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
  isOptedOut: boolean
  meetingUrl: string
  platform: string
  roomId: string
  copies: number
  /** Copies that keep the meeting alive: not cancelled, not declined, calendar connected. */
  supporting: number
  declined: number
  cancelled: number
}

type Counts = Pick<OccurrenceVariant, 'copies' | 'supporting' | 'declined' | 'cancelled'>

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
    const sum = deltas.get(key) ?? { ...row, copies: 0, supporting: 0, declined: 0, cancelled: 0 }
    for (const name of countNames) sum[name] += sign * row[name]
    deltas.set(key, sum)
  }
  for (const { before, after } of changes) {
    add(before, -1)
    add(after, 1)
  }
  return [...deltas.values()].filter((delta) => countNames.some((name) => delta[name] !== 0))
}

const countNames = ['copies', 'supporting', 'declined', 'cancelled'] as const satisfies (keyof Counts)[]

function toVariant(facts: EventFacts): OccurrenceVariant | undefined {
  const { roomKey, platform, roomId, meetingUrl, variant } = facts
  if (variant === null || roomKey === null || platform === null || roomId === null || meetingUrl === null) return
  const isDeclined = facts.ownResponse === 'declined'
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
    isOptedOut: facts.isOptedOut,
    meetingUrl,
    platform,
    roomId,
    copies: 1,
    supporting: facts.isConnected && !facts.isCancelled && !isDeclined ? 1 : 0,
    declined: isDeclined ? 1 : 0,
    cancelled: facts.isCancelled ? 1 : 0,
  }
}
