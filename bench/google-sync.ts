import { z } from 'zod'
import { concurrently } from '../src/base/concurrently.ts'
import { DAY_MS } from '../src/base/time.ts'
import { syncCalendar } from '../src/features/calendars/index.ts'
import { wakeChangedCalendars } from '../src/pipeline.ts'
import { inTransaction } from '../src/platform/db/index.ts'
import { googleApiOf } from '../test/support/providers.ts'
import { atMost, type Bench, type BenchContext, median, quantile, reported } from './figure.ts'
import { type BenchGoogle, openBenchGoogle } from './google/open-google.ts'
import type { UsageSoFar } from './google/orders.ts'

const SINGLES = 120
const SERIES = 20
const CHANGES = 1_000

export const googleSyncBench: Bench = {
  name: 'google-sync',
  about:
    '1,000 Google calendars of 200 events, 1,000 random changes: calls, bytes and time of each, beside reading the whole window',
  async run(context) {
    const people = context.full ? 5_000 : 1_000
    await using google = await openBenchGoogle({ people, singles: SINGLES, series: SERIES })
    const ids = await google.connect()
    await readAll(google, ids, context)
    const ours = await changeAndRead(google, (email) => readOurs(google, ids.get(email) ?? ''))
    const yardstick = await changeAndRead(google, await createYardstick(google))
    await requireInStep(google)
    return [
      reported('yardstick: calls per change', yardstick.calls / CHANGES, ''),
      reported('yardstick: bytes per change', yardstick.bytes / CHANGES, 'B'),
      reported('yardstick: time per change, median', median(yardstick.times), 'ms'),
      atMost('calls per change', ours.calls / CHANGES, '', 1.2),
      reported('bytes per change', ours.bytes / CHANGES, 'B'),
      atMost('bytes ÷ yardstick', ours.bytes / yardstick.bytes, '×', 0.02),
      reported('time per change, median', median(ours.times), 'ms'),
      reported('time per change, p99', quantile(ours.times, 0.99), 'ms'),
      atMost('time ÷ yardstick, medians', median(ours.times) / median(yardstick.times), '×', 1),
    ]
  },
}

async function readAll({ app }: BenchGoogle, ids: Map<string, string>, { note }: BenchContext): Promise<void> {
  let done = 0
  await concurrently([...ids.values()], 4, async (calendarId) => {
    await syncUntilRead(() => syncCalendar(app.sync, { calendarId }))
    if (++done % 250 === 0) note(`${done} calendars read`)
  })
}

/** The budget of calls may ask for a pause, as it does when many are read at once. */
async function syncUntilRead(sync: () => ReturnType<typeof syncCalendar>): Promise<void> {
  for (;;) {
    const { outcome, problem } = await sync()
    if (outcome === 'changed' || outcome === 'unchanged') return
    if (outcome !== 'postponed') throw problem ?? new Error(outcome)
  }
}

type Measured = UsageSoFar & { times: number[] }

async function changeAndRead(google: BenchGoogle, read: (email: string) => Promise<void>): Promise<Measured> {
  await google.resetUsage()
  const times: number[] = []
  for (let i = 0; i < CHANGES; i++) {
    const { email } = await google.change()
    const began = performance.now()
    await read(email)
    times.push(performance.now() - began)
  }
  return { ...(await google.usage()), times }
}

/** What a notice does, without the webhook: the mark, the job and the sync. */
async function readOurs({ app }: BenchGoogle, calendarId: string): Promise<void> {
  await inTransaction(app.db, (trx) => wakeChangedCalendars(app, trx, [calendarId]))
  await syncUntilRead(() => syncCalendar(app.sync, { calendarId }))
}

const listing = z.object({ items: z.array(z.looseObject({ id: z.string() })), nextPageToken: z.string().optional() })

/**
 * What other systems do on a notice: list 29 days with every field, compare with what was known, and get each event that is missing by its
 * id. Of their writes only the least that is possible is done: one row in one transaction.
 */
async function createYardstick({ app }: BenchGoogle): Promise<(email: string) => Promise<void>> {
  const known = new Map<string, Map<string, string>>()
  const scopes = ['https://www.googleapis.com/auth/calendar.readonly']
  const google = googleApiOf(app)
  const call = <T>(
    email: string,
    path: string,
    query: Record<string, string | boolean | undefined>,
    schema: z.ZodType<T>,
  ) =>
    google.call({
      as: { kind: 'service_account', subject: email, scopes },
      ...({ api: 'calendar', path: `/calendars/primary${path}`, query, schema, priority: 'push' } as const),
    })
  const list = async (email: string) => {
    const found = new Map<string, string>()
    const now = Date.now()
    const at = (ms: number) => new Date(now + ms).toISOString()
    let pageToken: string | undefined
    do {
      const query = { singleEvents: true, timeMin: at(-DAY_MS), timeMax: at(28 * DAY_MS), pageToken }
      const page = await call(email, '/events', query, listing)
      for (const event of page.items) found.set(event.id, JSON.stringify(event))
      pageToken = page.nextPageToken
    } while (pageToken !== undefined)
    return found
  }
  return async (email) => {
    const before = known.get(email)
    const found = await list(email)
    for (const id of before?.keys() ?? []) {
      if (!found.has(id)) await call(email, `/events/${id}`, {}, z.unknown())
    }
    known.set(email, found)
    await inTransaction(app.db, (trx) =>
      trx.updateTable('calendar').set({ lastAttemptAt: new Date() }).where('ownerEmail', '=', email).execute(),
    )
  }
}

/** A bench of something wrong is worth nothing: what is stored is what Google lists. */
async function requireInStep({ app, people }: BenchGoogle): Promise<void> {
  for (const email of people.slice(0, 20)) {
    const calendar = await app.db
      .selectFrom('calendar')
      .select('id')
      .where('ownerEmail', '=', email)
      .executeTakeFirstOrThrow()
    await syncUntilRead(() => syncCalendar(app.sync, { calendarId: calendar.id }))
    const stored = await app.db
      .selectFrom('event')
      .select(['startsAt', 'title'])
      .where('calendarId', '=', calendar.id)
      .where('endsAt', '>', new Date())
      .execute()
    const listed = await listWindow(app, email)
    const ours = stored.map(({ startsAt, title }) => `${startsAt.toISOString()} ${title}`).sort()
    if (JSON.stringify(ours) !== JSON.stringify(listed)) throw new Error(`${email} is not in step`)
  }
}

const window = z.object({
  items: z.array(z.object({ summary: z.string(), start: z.object({ dateTime: z.string() }) })),
})

async function listWindow(app: BenchGoogle['app'], email: string): Promise<string[]> {
  const now = Date.now()
  const { items } = await googleApiOf(app).call({
    as: { kind: 'service_account', subject: email, scopes: ['https://www.googleapis.com/auth/calendar.readonly'] },
    api: 'calendar',
    path: '/calendars/primary/events',
    query: {
      ...{ singleEvents: true, maxResults: 2_500 },
      ...{ timeMin: new Date(now).toISOString(), timeMax: new Date(now + 27.9 * DAY_MS).toISOString() },
    },
    schema: window,
    priority: 'push',
  })
  return items.map(({ summary, start }) => `${new Date(start.dateTime).toISOString()} ${summary}`).sort()
}
