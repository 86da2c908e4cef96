import type { Clock } from '../../src/base/clock.ts'
import { newId } from '../../src/base/ids.ts'
import type { Attendee } from '../../src/features/calendars/event.ts'
import { replaceEvents } from '../../src/features/calendars/event-store.ts'
import type { SourceEvent } from '../../src/features/calendars/index.ts'
import { createRulesInForce, readEvent, reconcileChanges } from '../../src/features/meetings/index.ts'
import { type Database, inTransaction } from '../../src/platform/db/index.ts'
import type { Tables } from '../../src/platform/db/tables.ts'

type NewCalendar = Partial<
  Pick<
    Tables['calendar'],
    'name' | 'addressLabel' | 'state' | 'failureMessage' | 'stateReason' | 'provider' | 'access' | 'credential'
  >
> & {
  releaseReason?: 'suspended' | 'archived' | 'left' | 'not_selected'
  lastSuccessAt?: Date | null
  nextSyncAt?: Date
  failureCount?: number
}

/** A person's calendar, read five minutes ago unless said otherwise. */
export async function seedCalendar(
  db: Database,
  clock: Clock,
  owner: string,
  calendar: NewCalendar = {},
): Promise<string> {
  const id = newId()
  const now = clock.now().getTime()
  const readAt = new Date(now - 5 * 60_000)
  await db
    .insertInto('calendar')
    .values({
      id,
      provider: 'ics',
      ownerEmail: owner,
      name: null,
      deduplicationKey: id,
      credential: 'ciphertext',
      addressLabel: 'https://calendar.example.com/…',
      state: 'connected',
      stateReason: null,
      timeZone: null,
      access: null,
      cursor: null,
      watchedUntil: null,
      disconnectedAt: null,
      expandedUntil: null,
      lastAttemptAt: readAt,
      lastSuccessAt: readAt,
      lastChangeAt: readAt,
      nextSyncAt: new Date(now + 10 * 60_000),
      failureCode: null,
      failureMessage: null,
      removedAt: null,
      createdAt: new Date(now - 86_400_000),
      ...calendar,
    })
    .execute()
  return id
}

/** An event in the few words a test needs. */
export interface SeedEvent extends Partial<Omit<SourceEvent, 'linkTexts' | 'startsAt' | 'endsAt'>> {
  title: string
  /** An ISO instant. */
  at: string
  minutes?: number
  /** The link, or any text with one. */
  location?: string
}

export interface SeedPlanner {
  db: Database
  clock: Clock
  /** Platforms that can be joined. */
  joinable?: readonly string[]
}

/**
 * Writes events into calendars and plans them, as a sync does. Every event stands in each of the calendars, and invites their owners unless it says
 * whom.
 */
export async function seedEvents(
  planner: SeedPlanner,
  calendars: readonly { id: string; owner: string }[],
  events: readonly SeedEvent[],
): Promise<void> {
  const { db, clock, joinable = [] } = planner
  const reconcile = {
    clock,
    runnerOf: (platform: string) => (joinable.includes(platform) ? 'browser' : undefined),
    alwaysAttends: false,
    lateJoinMs: 120_000,
    rulesInForce: createRulesInForce({ orgDomains: [] }),
    planned: async () => ({ made: 0, moved: 0, calledOff: 0 }),
  }
  for (const { id, owner } of calendars) {
    const invited = calendars.length > 1 ? calendars.map((calendar) => guest(calendar.owner)) : []
    const drafts = events
      .map((event) => toSourceEvent({ attendees: invited, ...event }))
      .map((source) => ({ source, reading: readEvent(source, { jitsiHosts: [] }) }))
    await inTransaction(db, async (trx) => {
      const uids = drafts.map(({ source }) => source.uid)
      const changes = await replaceEvents(
        trx,
        { calendarId: id, ownerEmail: owner, disconnectedAt: null },
        uids,
        drafts,
        clock.now(),
      )
      await reconcileChanges(reconcile, trx, changes)
    })
  }
}

function guest(email: string): Attendee {
  return { email, name: null, response: 'accepted', kind: 'person' }
}

function toSourceEvent({ at, minutes = 30, location = '', ...event }: SeedEvent): SourceEvent {
  const startsAt = new Date(at)
  return {
    uid: `${event.title}@example.com`.slice(0, 200),
    occurrenceKey: '',
    startsAt,
    endsAt: new Date(startsAt.getTime() + minutes * 60_000),
    isAllDay: false,
    timeZone: 'Europe/Vienna',
    organizerEmail: null,
    organizerName: null,
    attendees: [],
    ownResponse: 'accepted',
    isCancelled: false,
    visibility: 'default',
    kind: 'default',
    linkTexts: { conferenceUrls: [], location, description: '', title: event.title },
    ...event,
  }
}
