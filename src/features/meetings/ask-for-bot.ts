import { AppError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { HOUR_MS } from '../../base/time.ts'
import { type Database, inTransaction, lockNames, type Transaction } from '../../platform/db/index.ts'
import type { RoomLink } from '../calendars/index.ts'
import { type Actor, type AuditAction, recordAudit } from '../people/index.ts'
import { readMeeting } from './day-store.ts'
import { type Meeting, SOON_MS, unplannedUid } from './meeting.ts'
import { lockMeetingInRoom, readOccurrencesOf, writeMeetings } from './meeting-store.ts'
import { type ReconcileDeps, reconcileOccurrences } from './reconcile-meetings.ts'
import type { Wish } from './wish.ts'
import { writeWishes } from './wish-store.ts'

/** How long a meeting that stands in no calendar is taken to last; the bot stays while people do. */
const UNPLANNED_MS = HOUR_MS

type WishDeps = ReconcileDeps & { db: Database }

/**
 * Sends a bot to a room now: to the meeting that takes place there or is about to, else to one of its own. Never a second bot. Answers the
 * meeting. `by` is an address, `administrator` or `command line`.
 */
export async function askForBot(deps: WishDeps, input: Actor & { room: RoomLink }): Promise<Meeting> {
  const { room, by, from } = input
  const roomKey = `${room.platform}:${room.roomId}`
  const id = await inTransaction(deps.db, async (trx) => {
    const now = deps.clock.now()
    await lockNames(trx, [`room ${roomKey}`])
    const known = await lockMeetingInRoom(trx, roomKey, now, new Date(now.getTime() + SOON_MS))
    if (!known) return insertUnplanned(deps, trx, { room, roomKey, now, by, from })
    await wish(deps, trx, { meetingId: known.id, wanted: 'attend', by, from })
    return known.id
  })
  return (await readMeeting(deps.db, id)) as Meeting
}

/** Says that a meeting is not to be attended, now or after any later change of it; a bot that is there leaves. Throws `meeting_not_found`. */
export async function refuseBot(deps: WishDeps, input: Actor & { meetingId: string }): Promise<void> {
  await inTransaction(deps.db, (trx) => wish(deps, trx, { ...input, wanted: 'none' }))
}

/** Says that a meeting is to be attended whatever the plan says. Throws `meeting_not_found`. */
export async function wantBot(deps: WishDeps, input: Actor & { meetingId: string }): Promise<void> {
  await inTransaction(deps.db, (trx) => wish(deps, trx, { ...input, wanted: 'attend' }))
}

/**
 * Takes back what anybody said about a meeting, so that the plan decides again. Throws `meeting_not_found`, and `meeting_unplanned` for one that
 * is in no calendar.
 */
export async function followPlan(deps: WishDeps, input: Actor & { meetingId: string }): Promise<void> {
  await inTransaction(deps.db, (trx) => wish(deps, trx, { ...input, wanted: 'as_planned' }))
}

const AUDITED: Record<Wish['wish'], AuditAction> = {
  attend: 'bot_sent',
  none: 'bot_stopped',
  as_planned: 'plan_followed',
}

async function wish(
  deps: WishDeps,
  trx: Transaction,
  { meetingId, wanted, by, from }: Actor & { meetingId: string; wanted: Wish['wish'] },
): Promise<void> {
  const now = deps.clock.now()
  const meeting = await readMeeting(trx, meetingId)
  if (!meeting) throw new AppError('meeting_not_found', `There is no meeting ${meetingId}.`)
  const refs = await readOccurrencesOf(trx, meetingId)
  if (refs.length === 0 && wanted === 'as_planned')
    throw new AppError('meeting_unplanned', 'This meeting is in no calendar, so nothing is planned for it.')
  await recordAudit(trx, { at: now, by, from, action: AUDITED[wanted], subject: meetingId })
  const invitations = new Map(
    [meeting, ...refs].map(({ uid, occurrenceKey }) => [JSON.stringify([uid, occurrenceKey]), { uid, occurrenceKey }]),
  )
  const said = { meetingId, wish: wanted, wishedBy: by, wishedAt: now }
  await writeWishes(
    trx,
    [...invitations.values()].map((invitation) => ({ ...invitation, ...said })),
  )
  if (refs.length > 0) {
    await reconcileOccurrences(deps, trx, refs, 'person')
    return
  }
  // It stands in no calendar, so nothing but the wish decides.
  const isWanted = wanted === 'attend'
  const decision = !isWanted ? 'skip' : deps.runnerOf(meeting.platform) === undefined ? 'no_runner' : 'attend'
  const reason = isWanted ? 'sent_by_person' : 'stopped_by_person'
  const changed: Meeting = { ...meeting, decision, reason, wish: isWanted ? 'attend' : 'none', wishAt: now, wishBy: by }
  await writeMeetings(trx, [changed], new Map([[meeting.id, meeting]]), { now, origin: 'person' })
  await deps.planned(trx, [changed], 'person')
}

async function insertUnplanned(
  deps: WishDeps,
  trx: Transaction,
  input: Actor & { room: RoomLink; roomKey: string; now: Date },
): Promise<string> {
  const { room, roomKey, now, by, from } = input
  const id = newId()
  const uid = unplannedUid(id)
  const meeting: Meeting = {
    id,
    platform: room.platform,
    roomId: room.roomId,
    roomKey,
    meetingUrl: room.url,
    uid,
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
    wishBy: by,
  }
  await writeMeetings(trx, [meeting], new Map(), { now, origin: 'person' })
  await writeWishes(trx, [{ uid, occurrenceKey: '', meetingId: id, wish: 'attend', wishedBy: by, wishedAt: now }])
  await deps.planned(trx, [meeting], 'person')
  await recordAudit(trx, { at: now, by, from, action: 'bot_sent', subject: id, detail: { link: room.url } })
  return id
}
