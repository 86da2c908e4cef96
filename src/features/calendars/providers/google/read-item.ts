import { createHash } from 'node:crypto'
import { Temporal } from 'temporal-polyfill'
import { cleanLine, truncateText } from '../../../../base/text.ts'
import { DAY_MS } from '../../../../base/time.ts'
import { lastStartOf } from '../../../../formats/recurrence/last-start.ts'
import type { SourceProblem } from '../../event.ts'
import type { Removal, SourceItem } from '../provider.ts'
import { type EventResource, eventResource } from './event-resource.ts'
import { readTime } from './read-time.ts'

/** What a listed event means for what is stored. */
type ReadItem =
  | { kind: 'item'; item: SourceItem }
  | { kind: 'removed'; removal: Removal }
  | { kind: 'problem'; problem: SourceProblem }

/** The id of an occurrence that does not say its series: `{series}_20261123T080000Z`, of whole days `{series}_20261123`. */
const OCCURRENCE_ID = /^(.+)_(\d{8})(T\d{6}Z)?$/
const RDATE = /^RDATE[^:]*:(.*)/i
const MAX_RAW_LENGTH = 50_000
const MAX_UID_LENGTH = 1_000
/** More than are expanded. */
const MAX_RULES = 100
const MAX_DESCRIPTION_LENGTH = 100_000
/** A day is one of the calendar's zone, which is read in UTC here: it is off by less than this. */
const SLACK_MS = DAY_MS

/**
 * Reads one event of a listing, which is as of an instant (`updated`): what is gone and does not say since when was gone by then. Never throws:
 * what cannot be used becomes a problem with what came.
 */
export function readItem(given: unknown, asOf: Pick<EventResource, 'updated'>): ReadItem {
  const parsed = eventResource.safeParse(given)
  if (!parsed.success) return problemOf(given, 'The entry has no id.')
  const event = parsed.data
  if (event.status === 'cancelled') return readCancelled(event, asOf)
  const start = readTime(event.start, 'UTC')
  if (start === undefined) return problemOf(given, 'The entry has no start that can be read.')
  const end = readTime(event.end, 'UTC') ?? start
  const isPart = event.recurringEventId !== undefined
  if (isPart && readTime(event.originalStartTime, 'UTC') === undefined) {
    return problemOf(given, 'The entry belongs to a series and does not say to which day of it.')
  }
  const startsAt = start.moment.at
  const endsAt = Math.max(startsAt, end.moment.at)
  const isSeries = !isPart && (event.recurrence?.length ?? 0) > 0
  return {
    kind: 'item',
    item: toItem(event, {
      isRecurring: isSeries,
      firstStartsAt: new Date(
        (isSeries ? furtherDays(event) : []).reduce((a, b) => Math.min(a, b), startsAt) - SLACK_MS,
      ),
      lastEndsAt: isSeries ? lastEndOf(event, startsAt, endsAt) : new Date(endsAt + SLACK_MS),
    }),
  }
}

/** A single event or a series that is gone, or a hole in a series that lives; a hole stays as long as its series. */
function readCancelled(event: EventResource, asOf: Pick<EventResource, 'updated'>): ReadItem {
  const said = event.recurringEventId !== undefined && readTime(event.originalStartTime, 'UTC') !== undefined
  const hole = said ? event : holeOfId(event)
  if (hole === undefined)
    return { kind: 'removed', removal: { id: event.id, version: versionOf(event) || versionOf(asOf) } }
  const { id, status, iCalUID, updated, sequence, recurringEventId, originalStartTime } = hole
  const at = readTime(originalStartTime, 'UTC')?.moment.at ?? 0
  const bounds = { firstStartsAt: new Date(at - SLACK_MS), lastEndsAt: new Date(at + SLACK_MS) }
  const kept = { id, status, iCalUID, updated, sequence, recurringEventId, originalStartTime } as EventResource
  return { kind: 'item', item: toItem(kept, { isRecurring: false, ...bounds }) }
}

/** What an id alone says of a cancelled occurrence. */
function holeOfId(event: EventResource): EventResource | undefined {
  const [, recurringEventId, day = '', time] = OCCURRENCE_ID.exec(event.id) ?? []
  if (recurringEventId === undefined) return undefined
  try {
    const originalStartTime =
      time === undefined
        ? { date: Temporal.PlainDate.from(day).toString() }
        : { dateTime: `${Temporal.PlainDateTime.from(`${day}${time.slice(0, -1)}`).toString()}Z` }
    return { ...event, recurringEventId, originalStartTime } as EventResource
  } catch {
    return undefined
  }
}

function toItem(
  { updated, sequence, ...event }: EventResource,
  bounds: Pick<SourceItem, 'isRecurring' | 'firstStartsAt' | 'lastEndsAt'>,
): SourceItem {
  const description = event.description === undefined ? {} : { description: cutText(event.description) }
  const content = JSON.stringify({ ...event, ...description })
  return {
    id: event.id,
    uid: uidOf(event),
    seriesId: event.recurringEventId ?? null,
    isHole: event.status === 'cancelled',
    content,
    contentHash: createHash('sha256').update(content).digest('base64url'),
    version: versionOf({ updated, sequence }),
    ...bounds,
  }
}

/**
 * When it was changed last, and of changes in one millisecond their number (`updated` rises with every change but that of a reminder;
 * `sequence` stays where nothing was moved: Calendar v3 discovery document, 2026-09). Empty for what does not say, as most that is cancelled.
 */
function versionOf({ updated = '', sequence = 0 }: Partial<Pick<EventResource, 'updated' | 'sequence'>>): string {
  const at = Date.parse(updated)
  return Number.isNaN(at) ? '' : `${new Date(at).toISOString()} ${String(sequence).padStart(10, '0')}`
}

/** Only a hole in a series does not say which invitation it belongs to. */
function uidOf({ iCalUID = '', status, recurringEventId, id }: EventResource): string | null {
  return cleanLine(iCalUID, MAX_UID_LENGTH) || (status === 'cancelled' ? null : (recurringEventId ?? id))
}

/** The days of a series' further dates, which may lie before its start: what is left of a series that was split keeps those it had. */
function furtherDays({ recurrence = [] }: EventResource): number[] {
  const values = recurrence.flatMap((line) => RDATE.exec(line.trim())?.[1] ?? [])
  return values
    .flatMap((value) => [...value.matchAll(/(\d{4})(\d{2})(\d{2})/g)])
    .flatMap(([, year, month, day]) => {
      const at = Date.parse(`${year}-${month}-${day}T00:00:00Z`)
      return Number.isNaN(at) ? [] : [at]
    })
}

/** An upper bound, so that series that are long over are not looked at for ever; null for an endless one. */
function lastEndOf({ recurrence = [] }: EventResource, startsAt: number, endsAt: number): Date | null {
  const start = { at: startsAt, timeZone: 'UTC', isAllDay: false }
  // Further dates are few and rare: such a series counts as endless.
  if (recurrence.some((line) => RDATE.test(line.trim()))) return null
  const rules = recurrence.filter((line) => /^RRULE:/i.test(line.trim())).slice(0, MAX_RULES)
  const last = rules.map((line) => lastStartOf(line.trim(), start)).reduce((a, b) => Math.max(a, b), startsAt)
  return Number.isFinite(last)
    ? new Date(Math.min(last, Date.UTC(9999, 0, 1)) + (endsAt - startsAt) + 2 * SLACK_MS)
    : null
}

function problemOf(given: unknown, what: string): ReadItem {
  const { id, summary } = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>
  return {
    kind: 'problem',
    problem: {
      code: 'event_unreadable',
      message: `${what} It was left out; what was known of it before stays.`,
      uid: typeof id === 'string' ? cleanLine(id, MAX_UID_LENGTH) : null,
      title: typeof summary === 'string' ? cleanLine(summary) : null,
      raw: truncateText((JSON.stringify(given) ?? '').toWellFormed(), MAX_RAW_LENGTH),
    },
  }
}

/** Without what a database cannot store. */
function cutText(text: string): string {
  return truncateText(text.toWellFormed().replace(/(?![\t\n\r])\p{Cc}/gu, ''), MAX_DESCRIPTION_LENGTH)
}
