import { createBreather } from '../../../../base/breather.ts'
import { AppError, isAppError } from '../../../../base/errors.ts'
import { normaliseEmail } from '../../../../base/text.ts'
import { HOUR_MS, MINUTE_MS } from '../../../../base/time.ts'
import { MAX_OCCURRENCES } from '../../../../formats/recurrence/expand-rule.ts'
import { resolveTimeZone } from '../../../../formats/time-zones/resolve-time-zone.ts'
import type { SourceEvent } from '../../event.ts'
import type { CalendarProvider, ExpandOptions, Page, ReadInput } from '../provider.ts'
import { expandEvents, expandInstances } from './expand-events.ts'
import type { GoogleApi } from './google-api.ts'
import { type EventPage, listEvents } from './list-events.ts'
import { readItem } from './read-item.ts'

/** A look from time to time while Google tells of changes: what it forgot to tell is found within an hour or so. */
const WATCHED_POLL_MS = HOUR_MS
const UNWATCHED_POLL_MS = 15 * MINUTE_MS

/**
 * Primary calendars of Google. Series and exceptions are read as they are and expanded here, so that a change costs one call, however far
 * a series goes. The parameters have to be the same with and without a sync token (sync guide, 2026-09).
 */
const LISTING = { singleEvents: false, showDeleted: true } as const

export function createGoogleProvider({ api }: { api: GoogleApi }): CalendarProvider {
  async function* list(input: ReadInput, isWhole: boolean, syncToken?: string): AsyncGenerator<Page> {
    const query = syncToken === undefined ? LISTING : { ...LISTING, syncToken }
    let isFirst = true
    try {
      for await (const page of listEvents(api, { input, path: '/events', query })) {
        yield await toPage(page, isWhole)
        isFirst = false
      }
    } catch (error) {
      throw translate(error, isFirst, syncToken !== undefined)
    }
  }

  return {
    identify(given) {
      const email = normaliseEmail(given)
      if (email === undefined) {
        throw new AppError('bad_email', `"${given.slice(0, 100)}" is not an e-mail address.`)
      }
      return { credential: email, label: `Google Calendar of ${email}` }
    },
    listChanges: (input) => list(input, false, input.cursor),
    listAll: (input) => list(input, true),
    async *listWindow(input) {
      const { window, ...read } = input
      const query = { singleEvents: true, timeMin: window.from.toISOString(), timeMax: window.to.toISOString() }
      for await (const page of listEvents(api, { input: read, path: '/events', query })) {
        const zone = zoneOf(page) ?? 'UTC'
        const options = { window, ownerEmail: read.reader.ownerEmail, fallbackTimeZone: zone }
        yield { events: expandInstances(page.items, options), problems: [] }
      }
    },
    expand: expandEvents,
    async expandThere(input) {
      const { seriesId, window, ...read } = input
      const path = `/events/${encodeURIComponent(seriesId)}/instances`
      const query = { timeMin: window.from.toISOString(), timeMax: window.to.toISOString() }
      const events: SourceEvent[] = []
      for await (const page of listEvents(api, { input: read, path, query })) {
        for (const event of expandInstances(page.items, { ...(input satisfies ExpandOptions), window }))
          events.push(event)
        if (events.length >= MAX_OCCURRENCES) break
      }
      return events
    },
    whyLost: (error) => (isAppError(error) ? LOST[error.code] : undefined),
    pollMs: (_reader, isWatched) => (isWatched ? WATCHED_POLL_MS : UNWATCHED_POLL_MS),
  }
}

/** Why somebody has to act before this calendar can be read again. All else may pass. */
const LOST: Readonly<Record<string, string>> = {
  google_user_unknown: 'user_gone',
  google_not_calendar_user: 'no_calendar',
  google_grant_invalid: 'consent_withdrawn',
  google_scope_missing: 'consent_withdrawn',
  google_person_refused: 'access_refused',
  google_unauthorized: 'access_refused',
  google_forbidden: 'access_refused',
}

async function toPage(page: EventPage, isWhole: boolean): Promise<Page> {
  const breathe = createBreather()
  const newest = new Map<string, { read: ReturnType<typeof readItem>; version: string }>()
  const problems: Page['problems'][number][] = []
  for (const given of page.items) {
    const read = readItem(given, page)
    await breathe()
    if (read.kind === 'problem') problems.push(read.problem)
    else {
      const { id, version } = read.kind === 'item' ? read.item : read.removal
      const known = newest.get(id)
      // Of one event delivered twice the newer counts; one that does not say its age counts as the newest.
      if (!known || version === '' || (known.version !== '' && version >= known.version))
        newest.set(id, { read, version })
    }
  }
  const read = [...newest.values()].map((one) => one.read)
  const zone = zoneOf(page)
  return {
    isWhole,
    items: read.flatMap((one) => (one.kind === 'item' ? [one.item] : [])),
    removed: read.flatMap((one) => (one.kind === 'removed' ? [one.removal] : [])),
    problems,
    ...(page.summary === undefined ? {} : { name: page.summary }),
    ...(zone === undefined ? {} : { timeZone: zone }),
    cursor: page.nextPageToken === undefined ? (page.nextSyncToken ?? null) : undefined,
  }
}

function zoneOf({ timeZone }: EventPage): string | undefined {
  return timeZone === undefined ? undefined : resolveTimeZone(timeZone)
}

/** 410 may come with any page, with a reason or without one; a page token that is refused means no more than beginning again. */
function translate(error: unknown, isFirst: boolean, hasToken: boolean): unknown {
  if (!isAppError(error)) return error
  const options = { retry: 'later', cause: error, details: error.details } as const
  const isBadRequest = error.code === 'google_bad_request'
  if (hasToken && (error.code === 'google_gone' || (isBadRequest && isFirst))) {
    return new AppError('cursor_refused', 'Google does not go on from where this calendar was read last.', options)
  }
  if (!isFirst && (isBadRequest || error.code === 'google_gone')) {
    return new AppError('page_refused', 'Google does not go on with a listing it had begun.', options)
  }
  return error
}
