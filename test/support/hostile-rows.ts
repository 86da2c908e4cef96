import type { Database } from '../../src/platform/db/index.ts'

/** What a text may hold and a sloppy copy would spoil. */
const HOSTILE_TEXT = [
  'tab\there, newline\nhere, return\rhere, both\r\nhere',
  'backslashes \\ \\\\ \\n \\t \\N \\. and at the end \\',
  '\\N',
  '\\.',
  '',
  ' spaces around ',
  'quotes \' " `; drop table meeting; --',
  '🎉 👩‍👩‍👧‍👦 emoji',
  'مرحبا بالعالم ‮reversed‬ שלום',
  'controls \u0001\u0008\u000b\u000c\u001b\u007f\u0080\u2028',
  'é and é',
  '<b>&amp;</b> "\u{10ffff}"',
  '語'.repeat(20_000),
]

const text = HOSTILE_TEXT.join('|')
const json = JSON.stringify({ text: HOSTILE_TEXT, n: 1.5e300, deep: [[null]] })
const at = new Date('2026-03-29T00:59:59.999Z')
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** At least a row in every table of the first migration, with columns of every type in use, filled and null. */
export async function fillWithHostileRows(db: Database): Promise<void> {
  const settings = HOSTILE_TEXT.map((key) => ({ key, value: JSON.stringify(key) }))
  await db
    .insertInto('setting')
    .values([...settings, { key: 'json', value: json }])
    .execute()
  await db
    .insertInto('secretFingerprint')
    .values([
      { name: 'TRANSCRIPT_TOKEN_SECRET', fingerprint: 'a5ff5edc94b74642' },
      { name: 'CREDENTIALS_ENCRYPTION_KEY', fingerprint: '0123456789abcdef' },
    ])
    .execute()
  await fillCalendars(db)
  await fillMeetings(db)
  await db.insertInto('signInLink').values({ tokenHash: 'link', isAdmin: true, expiresAt: at }).execute()
  await db.insertInto('session').values({ tokenHash: 'session', email: text, isAdmin: false, expiresAt: at }).execute()
}

async function fillCalendars(db: Database): Promise<void> {
  const calendar = { id: id(1), provider: 'ics', ownerEmail: text, deduplicationKey: text, addressLabel: text }
  await db
    .insertInto('calendar')
    .values([
      { ...calendar, state: 'connected', name: text, expandedUntil: at, revision: 2_147_483_647 },
      { ...calendar, state: 'disconnected', id: id(2), deduplicationKey: 'other' },
    ])
    .execute()
  const item = { calendarId: id(1), content: text, contentHash: text, isRecurring: true, firstStartsAt: at }
  await db
    .insertInto('calendarItem')
    .values(HOSTILE_TEXT.map((uid) => ({ ...item, itemId: uid, uid, version: uid })))
    .execute()
  await db
    .insertInto('goneItem')
    .values({ calendarId: id(1), itemId: text, version: text, goneAt: at })
    .execute()
  await db
    .insertInto('accessToken')
    .values([
      { key: text, token: text, expiresAt: at, issuedAt: at },
      { key: 'refreshing', refreshingUntil: at },
    ])
    .execute()
  await db.insertInto('callBudget').values({ name: text, available: 0.1, countedAt: at, heldUntil: at }).execute()
  await db
    .insertInto('providerAlarm')
    .values({ name: text, code: text, message: text, raisedAt: at, seenAt: at, probeAt: at })
    .execute()
  const problem = { calendarId: id(1), code: 'broken', message: text }
  await db
    .insertInto('calendarProblem')
    .values([problem, { ...problem, title: text, uid: text }, problem])
    .execute()
  const event = { calendarId: id(1), occurrenceKey: '', startsAt: at, endsAt: at, isAllDay: false, title: text }
  const facts = { ownResponse: 'accepted', isCancelled: false, visibility: 'default', kind: 'default', contentHash: '' }
  await db
    .insertInto('event')
    .values({ ...event, ...facts, tags: HOSTILE_TEXT, id: id(3), uid: 'u', attendees: json })
    .execute()
}

async function fillMeetings(db: Database): Promise<void> {
  const room = { platform: 'jitsi', roomId: text, roomKey: 'room', meetingUrl: text, uid: 'u', occurrenceKey: '' }
  const time = { startsAt: at, endsAt: at, isAllDay: true, title: text }
  const counts = { copies: 1, supporting: 1 }
  const decided = { decision: 'attend', reason: text, reasonDetail: json, decidedAt: at } as const
  await db
    .insertInto('meeting')
    .values({ ...room, ...time, ...counts, ...decided, id: id(4), isPrivate: true, attendeeCount: -1 })
    .execute()
  const key = { roomKey: 'room', uid: 'u', occurrenceKey: '' }
  await db
    .insertInto('occurrence')
    .values({ ...key, meetingId: id(4) })
    .execute()
  const flags = { isOrganizerCopy: true, visibility: '', kind: '', tags: [], declined: 0, cancelled: 0 }
  await db
    .insertInto('occurrenceVariant')
    .values({ ...room, ...time, ...counts, ...flags, variant: 'v' })
    .execute()
  await db
    .insertInto('meetingDecision')
    .values({ ...decided, meetingId: id(4), startsAt: at })
    .execute()
  const rules = { document: json, source: text, sourceHash: '', path: text, changedBy: text, changedAt: at }
  await db
    .insertInto('ruleVersion')
    .values({ ...rules, version: 1 })
    .execute()
  await db
    .insertInto('wish')
    .values({
      uid: 'u',
      seriesUid: 'u',
      occurrenceKey: '',
      meetingId: id(4),
      wish: 'none',
      wishedBy: text,
      wishedAt: at,
    })
    .execute()
  const bot = { id: 'bot_0123456789abcdef', meetingId: id(4), roomKey: 'room', runner: 'browser', state: 'scheduled' }
  await db
    .insertInto('bot')
    .values({ ...bot, joinAt: at, attendsAt: at })
    .execute()
  const move = { type: 'scheduled', oldState: '', newState: 'scheduled', detail: json, createdAt: at }
  await db
    .insertInto('botEvent')
    .values({ ...move, botId: bot.id })
    .execute()
}
