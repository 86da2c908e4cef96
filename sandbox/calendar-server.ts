import { createHash } from 'node:crypto'
import type { Clock } from '../src/base/clock.ts'
import { SECOND_MS } from '../src/base/time.ts'
import type { Calendars } from './calendars.ts'
import type { Colleague } from './organisation.ts'
import { writeCalendar } from './write-ics.ts'

/** A calendar's file as it is now. */
export interface CalendarFile {
  body: string
  etag: string
  /** Whole seconds; rises with every change. */
  lastModifiedAt: Date
}

export interface CalendarServer {
  read(owner: Colleague): CalendarFile
  /** Answers a GET, with 304 where the reader has this version already. */
  answer(owner: Colleague, headers: Headers): Response
}

/** Serves everybody's calendar as a file, and knows since when it is what it is. */
export function createCalendarServer({ calendars, clock }: { calendars: Calendars; clock: Clock }): CalendarServer {
  const latest = new Map<string, CalendarFile>()
  const read = (owner: Colleague): CalendarFile => {
    const now = clock.now()
    const body = writeCalendar(owner, calendars.of(owner.email), now)
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
    const known = latest.get(owner.email)
    if (known?.etag === etag) return known
    const second = Math.floor(now.getTime() / SECOND_MS) * SECOND_MS
    // Two versions within one second would look like one to a reader who only asks by date.
    const at = known ? Math.max(second, known.lastModifiedAt.getTime() + SECOND_MS) : second
    const file = { body, etag, lastModifiedAt: new Date(at) }
    latest.set(owner.email, file)
    return file
  }
  return {
    read,
    answer(owner, headers) {
      const file = read(owner)
      const versions = { etag: file.etag, 'last-modified': file.lastModifiedAt.toUTCString() }
      if (isKnown(file, headers)) return new Response(null, { status: 304, headers: versions })
      return new Response(file.body, { headers: { ...versions, 'content-type': 'text/calendar; charset=utf-8' } })
    },
  }
}

/** The date counts only where there is no tag (RFC 9110, 13.2.2). */
function isKnown(file: CalendarFile, headers: Headers): boolean {
  const tags = headers.get('if-none-match')
  if (tags !== null) {
    return tags.trim() === '*' || tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === file.etag)
  }
  const since = Date.parse(headers.get('if-modified-since') ?? '')
  return !Number.isNaN(since) && file.lastModifiedAt.getTime() <= since
}
