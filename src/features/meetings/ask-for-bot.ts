import { AppError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { HOUR_MS, MINUTE_MS } from '../../base/time.ts'
import { type Database, inTransaction, lockNames, type Transaction } from '../../platform/db/index.ts'
import type { RoomLink } from '../calendars/index.ts'
import { readMeeting } from './day-store.ts'
import type { Meeting } from './meeting.ts'
import { lockMeetingInRoom, readOccurrencesOf, writeMeetings, writeWish } from './meeting-store.ts'
import { type ReconcileDeps, reconcileOccurrences } from './reconcile-meetings.ts'

/** A meeting that begins this soon is the one a person means when they send a bot to its room. */
const SOON_MS = 15 * MINUTE_MS
/** How long a meeting that stands in no calendar is taken to last; the bot stays while people do. */
const UNPLANNED_MS = HOUR_MS

type WishDeps = ReconcileDeps & { db: Database }

/**
 * Sends a bot to a room now: to the meeting that takes place there or is about to, else to one of its own. Never a second bot. Answers the
 * meeting.
 */
export async function askForBot(deps: WishDeps, input: { room: RoomLink }): Promise<Meeting> {
  const { room } = input
  const roomKey = `${room.platform}:${room.roomId}`
  const id = await inTransaction(deps.db, async (trx) => {
    const now = deps.clock.now()
    await lockNames(trx, [`room ${roomKey}`])
    const known = await lockMeetingInRoom(trx, roomKey, now, new Date(now.getTime() + SOON_MS))
    if (!known) return insertUnplanned(deps, trx, { room, roomKey, now })
    await wish(deps, trx, known.id, 'attend')
    return known.id
  })
  return (await readMeeting(deps.db, id)) as Meeting
}

/** Says that a meeting is not to be attended, now or after any later change of it; a bot that is there leaves. Throws `meeting_not_found`. */
export async function refuseBot(deps: WishDeps, input: { meetingId: string }): Promise<void> {
  await inTransaction(deps.db, (trx) => wish(deps, trx, input.meetingId, 'none'))
}

/** Says that a meeting is to be attended whatever the plan says. Throws `meeting_not_found`. */
export async function wantBot(deps: WishDeps, input: { meetingId: string }): Promise<void> {
  await inTransaction(deps.db, (trx) => wish(deps, trx, input.meetingId, 'attend'))
}

async function wish(deps: WishDeps, trx: Transaction, meetingId: string, wanted: 'attend' | 'none'): Promise<void> {
  const now = deps.clock.now()
  const meeting = await readMeeting(trx, meetingId)
  if (!meeting) throw new AppError('meeting_not_found', `There is no meeting ${meetingId}.`)
  await writeWish(trx, meetingId, wanted, now)
  const refs = await readOccurrencesOf(trx, meetingId)
  if (refs.length > 0) {
    await reconcileOccurrences(deps, trx, refs)
    return
  }
  // It stands in no calendar, so nothing but the wish decides.
  const decision = wanted === 'none' ? 'skip' : deps.runnerOf(meeting.platform) === undefined ? 'no_runner' : 'attend'
  const reason = wanted === 'none' ? 'stopped_by_person' : 'sent_by_person'
  const changed: Meeting = { ...meeting, decision, reason, wish: wanted, wishAt: now }
  await writeMeetings(trx, [changed], new Map([[meeting.id, meeting]]), now)
  await deps.planned(trx, [changed])
}

async function insertUnplanned(
  deps: WishDeps,
  trx: Transaction,
  input: { room: RoomLink; roomKey: string; now: Date },
): Promise<string> {
  const { room, roomKey, now } = input
  const id = newId()
  const meeting: Meeting = {
    id,
    platform: room.platform,
    roomId: room.roomId,
    roomKey,
    meetingUrl: room.url,
    uid: `sent-${id}`,
    occurrenceKey: '',
    startsAt: now,
    endsAt: new Date(now.getTime() + UNPLANNED_MS),
    isAllDay: false,
    title: '',
    isPrivate: false,
    organizerEmail: null,
    attendeeCount: 0,
    copies: 0,
    supporting: 0,
    decision: deps.runnerOf(room.platform) === undefined ? 'no_runner' : 'attend',
    reason: 'sent_by_person',
    reasonDetail: { supporting: 0, copies: 0 },
    wish: 'attend',
    wishAt: now,
  }
  await writeMeetings(trx, [meeting], new Map(), now)
  await deps.planned(trx, [meeting])
  return id
}
