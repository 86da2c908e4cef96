import { AppError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { HOUR_MS } from '../../base/time.ts'
import { type Database, inTransaction, lockNames, type Transaction } from '../../platform/db/index.ts'
import type { RoomLink } from '../calendars/index.ts'
import { type Actor, type AuditAction, nothingKnown, recordAudit } from '../people/index.ts'
import { readMeeting } from './day-store.ts'
import { type Meeting, type OwnVerdict, SOON_MS, unheld, unplannedUid } from './meeting.ts'
import { lockMeetingInRoom, readOccurrencesOf } from './meeting-store.ts'
import { planUnplanned, type ReconcileDeps, reconcileOccurrences } from './reconcile-meetings.ts'
import type { RoomBots } from './room-bots.ts'
import type { Wish } from './wish.ts'
import { writeWishes } from './wish-store.ts'
import { rankMeetings } from './words/rank-meetings.ts'
import { isOnList, readInvited } from './words/read-invited.ts'
import { isStrongNo } from './words/room-meeting.ts'
import { readRoomsWithin } from './words/room-store.ts'
import { toRoomMeeting } from './words/settle-rooms.ts'
import { extendStanding } from './words/standing.ts'

/** How long a meeting that stands in no calendar is taken to last; the bot stays while people do. */
const UNPLANNED_MS = HOUR_MS

type WishDeps = ReconcileDeps & { db: Database }

/** A room to which a bot is sent. */
interface SendInput extends Actor {
  room: RoomLink
  /** The colleague for whom it is asked; left out where an administrator asks. */
  colleague?: string
}

/**
 * Sends a bot to a room now: to the meeting that takes place there or is about to, if an administrator or somebody whom it invites asks, else to a
 * meeting of the asker's alone. Never a second bot, and it gives the asker no right to another's meeting. Answers the meeting. Throws
 * `room_says_no` while the meeting whose room it is is not to be recorded, and `not_your_meeting`.
 */
export async function askForBot(
  deps: WishDeps & Pick<RoomBots, 'listSeatedMeetings'>,
  input: SendInput,
): Promise<Meeting> {
  const { room, by, from } = input
  const roomKey = `${room.platform}:${room.roomId}`
  const id = await inTransaction(deps.db, async (trx) => {
    const now = deps.clock.now()
    await lockNames(trx, [`room ${roomKey}`])
    await requireNoNo(trx, roomKey, now)
    const seated = await deps.listSeatedMeetings(trx, roomKey)
    const known = await lockMeetingInRoom(trx, roomKey, { seated, now, until: new Date(now.getTime() + SOON_MS) })
    if (!known) return insertUnplanned(deps, trx, { ...input, roomKey, now })
    if (input.colleague !== undefined) await requireInvited(deps, trx, known.id, input.colleague)
    if (known.startsAt > now) await requireNoNo(trx, roomKey, known.startsAt)
    await wish(deps, trx, { meetingId: known.id, wanted: 'attend', by, from })
    return known.id
  })
  return (await readMeeting(deps.db, id)) as Meeting
}

/** While the first by rank says no, no bot of anybody comes into its room. */
async function requireNoNo(trx: Transaction, roomKey: string, at: Date): Promise<void> {
  const span = { roomKey, from: at, until: new Date(at.getTime() + 1) }
  const { meetings, rooms } = await readRoomsWithin(trx, [span], at)
  const room = rooms.get(roomKey)
  const scheduled = meetings.map((meeting) => toRoomMeeting(meeting, room))
  const first = rankMeetings(scheduled, at.getTime()).find((meeting) => !meeting.saysNo || isStrongNo(meeting))
  if (!first?.saysNo) return
  throw new AppError(
    'room_says_no',
    'The meeting that takes place in this room is not to be recorded: its people said so. No bot can be sent there before it is over.',
  )
}

async function requireInvited(deps: WishDeps, trx: Transaction, meetingId: string, colleague: string): Promise<void> {
  const invited = await readInvited(trx, meetingId, deps.knownPeople ?? (async () => nothingKnown))
  if (isOnList(invited, colleague)) return
  throw new AppError(
    'not_your_meeting',
    'Another meeting takes place in this room. Somebody whom it invites, or an administrator, can send a bot to it.',
  )
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
  const verdict = verdictOf(deps, meeting.platform, wanted === 'attend')
  const asked = { wish: wanted === 'attend' ? 'attend' : 'none', wishAt: now, wishBy: by } as const
  await planUnplanned(deps, trx, { ...meeting, ...verdict, ownVerdict: verdict, ...asked }, meeting)
}

function verdictOf(deps: WishDeps, platform: string, isWanted: boolean): OwnVerdict {
  const reasonDetail = { supporting: 0, copies: 0 }
  if (!isWanted) return { decision: 'skip', reason: 'stopped_by_person', reasonDetail }
  const decision = deps.runnerOf(platform) === undefined ? 'no_runner' : 'attend'
  return { decision, reason: 'sent_by_person', reasonDetail }
}

async function insertUnplanned(
  deps: WishDeps,
  trx: Transaction,
  input: SendInput & { roomKey: string; now: Date },
): Promise<string> {
  const { room, roomKey, now, by, from } = input
  const sender = input.colleague ?? (by.includes('@') ? by.toLowerCase() : null)
  const endsAt = new Date(now.getTime() + UNPLANNED_MS)
  const verdict = verdictOf(deps, room.platform, true)
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
    endsAt,
    isAllDay: false,
    title: '',
    isPrivate: false,
    organizerEmail: null,
    attendeeCount: 0,
    copies: 0,
    supporting: 0,
    ...verdict,
    wish: 'attend',
    wishAt: now,
    wishBy: sender ?? by,
    ...unheld,
    provenOrganizer: sender,
    standing: extendStanding([], { from: now.getTime(), until: endsAt.getTime() }, now.getTime()),
    ownVerdict: verdict,
  }
  await planUnplanned(deps, trx, meeting, undefined)
  await writeWishes(trx, [{ uid, occurrenceKey: '', meetingId: id, wish: 'attend', wishedBy: by, wishedAt: now }])
  await recordAudit(trx, { at: now, by, from, action: 'bot_sent', subject: id, detail: { link: room.url } })
  return id
}
