import { z } from 'zod'
import { type SandboxGoogle, type SandboxGoogleOptions, startSandboxGoogle } from '../../sandbox/google/start-google.ts'
import { newId } from '../../src/base/ids.ts'
import { type SyncResult, syncCalendar } from '../../src/features/calendars/index.ts'
import { createTestApp, type TestApp, type TestAppOptions } from './app.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { googleApiOf } from './providers.ts'

export const [ana, ben, cleo] = ['ana@example.com', 'ben@example.com', 'cleo@example.com'] as const

/** The product beside a pretend Google with Ana, Ben and Cleo, on one clock that stands still. */
export interface GoogleWorld extends TestApp {
  google: SandboxGoogle
  /** Of every process of this installation. */
  settings: Record<string, string>
  /** Connects a person's calendar as the service account does; answers its id. Nothing is read yet. */
  connect(email: string): Promise<string>
  sync(calendarId: string): Promise<SyncResult>
  /** Says that a calendar changed, as a notice does. */
  mark(calendarId: string): Promise<void>
  /** What is stored of a person's window and still there: one line an occurrence. */
  stored(email: string): Promise<string[]>
  /** What Google itself lists of it, by its own expansion. */
  listed(email: string): Promise<string[]>
}

const SECRETS = {
  CREDENTIALS_ENCRYPTION_KEY: 'correct-horse-battery-staple-32c',
  TRANSCRIPT_TOKEN_SECRET: 'a secret of this test',
}

export interface GoogleWorldOptions extends TestAppOptions {
  google?: Partial<SandboxGoogleOptions>
}

export async function createGoogleWorld(options: GoogleWorldOptions = {}): Promise<GoogleWorld> {
  const { google: googleOptions, env, ...rest } = options
  const clock: ManualClock = createManualClock(options.now ?? '2026-11-23T08:00:00Z')
  const people = [ana, ben, cleo].map((email) => ({ email, isAdmin: email === ana }))
  const google = await startSandboxGoogle({ clock, people, ...googleOptions })
  const settings = { ...SECRETS, ...google.environment, PILOT_USERS: ana, TIME_ZONE: 'UTC', ...env }
  const testApp = await createTestApp({ ...rest, clock, env: settings })
  const { app } = testApp
  return {
    ...testApp,
    clock,
    google,
    settings,
    async connect(email) {
      const id = newId()
      await app.db
        .insertInto('calendar')
        .values({
          ...{ id, provider: 'google', access: 'service_account', ownerEmail: email, state: 'connected' },
          ...{ deduplicationKey: `${email}-google-sa`, addressLabel: `Google Calendar of ${email}` },
          nextSyncAt: clock.now(),
        } as never)
        .execute()
      return id
    },
    sync: (calendarId) => syncCalendar(app.sync, { calendarId }),
    async mark(calendarId) {
      await app.db
        .updateTable('calendar')
        .set((eb) => ({ changeMarker: eb('changeMarker', '+', 1) }))
        .where('id', '=', calendarId)
        .execute()
    },
    async stored(email) {
      const rows = await app.db
        .selectFrom('event')
        .innerJoin('calendar', 'calendar.id', 'event.calendarId')
        .select(['event.uid', 'occurrenceKey', 'startsAt', 'endsAt', 'title', 'ownResponse', 'isCancelled'])
        .where('calendar.ownerEmail', '=', email)
        .where('endsAt', '>', clock.now())
        // What was under way when it was deleted stays as a record.
        .where('hasVanished', '=', false)
        .execute()
      return rows
        .map((row) =>
          [row.startsAt.toISOString(), row.endsAt.toISOString(), row.title, row.uid, row.occurrenceKey].join(' '),
        )
        .sort()
    },
    listed: (email) => listOccurrences(app, email, clock),
    async [Symbol.asyncDispose]() {
      await testApp[Symbol.asyncDispose]()
      await google[Symbol.asyncDispose]()
    },
  }
}

interface Listed {
  id: string
  status: string
  iCalUID: string
  summary?: string
  recurringEventId?: string
  start: { date?: string; dateTime?: string }
  end: { date?: string; dateTime?: string }
  originalStartTime?: { date?: string; dateTime?: string }
}

async function listOccurrences(app: TestApp['app'], email: string, clock: ManualClock) {
  const api = googleApiOf(app)
  const now = clock.now().getTime()
  const at = (ms: number) => new Date(now + ms).toISOString()
  const page = z.object({ items: z.array(z.any()), nextPageToken: z.string().optional(), timeZone: z.string() })
  const lines: string[] = []
  for (let pageToken: string | undefined; ; ) {
    const { items, nextPageToken, timeZone } = await api.call({
      as: { kind: 'service_account', subject: email, scopes: ['https://www.googleapis.com/auth/calendar.readonly'] },
      api: 'calendar',
      path: '/calendars/primary/events',
      query: { singleEvents: true, timeMin: at(0), timeMax: at(28 * 86_400_000), maxResults: 2_500, pageToken },
      schema: page,
      priority: 'push',
    })
    for (const event of items as Listed[]) lines.push(lineOf(event, timeZone))
    if (nextPageToken === undefined) return lines.sort()
    pageToken = nextPageToken
  }
}

function lineOf(event: Listed, timeZone: string): string {
  const instant = ({ date, dateTime }: Listed['start']) =>
    dateTime === undefined ? startOfDay(date ?? '', timeZone) : new Date(dateTime).toISOString()
  const original = event.originalStartTime
  const key = original?.date ?? (original ? instant(original).replace('.000Z', 'Z') : '')
  return [instant(event.start), instant(event.end), event.summary ?? '', event.iCalUID, key].join(' ')
}

/** The first instant of a day in a zone, found by trying, so that no code of the product is compared with itself. */
function startOfDay(day: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
    hourCycle: 'h23',
  })
  const noon = Date.parse(`${day}T12:00:00Z`)
  for (let at = noon - 30 * 3_600_000; at < noon + 30 * 3_600_000; at += 15 * 60_000) {
    if (format.format(at).startsWith(day)) return new Date(at).toISOString()
  }
  throw new Error(`${day} never begins in ${timeZone}`)
}
