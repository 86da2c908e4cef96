import { AppError } from '../../../base/errors.ts'
import { type Database, inTransaction, lockNames, type Transaction } from '../../../platform/db/index.ts'
import { type Actor, recordAudit } from '../../people/index.ts'
import { readMeeting } from '../day-store.ts'
import type { Meeting } from '../meeting.ts'
import { type ReconcileDeps, reconcileOccurrences } from '../reconcile-meetings.ts'
import { listOccurrencesInRoom, listOtherMeetings, readRoomRow, type StoredRoom, writeRoom } from './held-store.ts'
import { chooseHeard, type Heard } from './judge-move.ts'
import { noteHeld, noteNotHeld } from './note-held.ts'

type SayDeps = ReconcileDeps & { db: Database }

/** What is known of a room; undefined where that is nothing. */
export async function readRoom(db: Database, roomKey: string): Promise<StoredRoom | undefined> {
  return readRoomRow(db, roomKey)
}

/** Says who brought a room, by their address, and plans its meetings again. May run twice. */
export async function sayWhoBrought(deps: SayDeps, input: { roomKey: string; address: string } & Actor): Promise<void> {
  const { roomKey, by, from } = input
  const address = input.address.trim().toLowerCase()
  if (!/^[^\s@]+@[^\s@]+$/.test(address))
    throw new AppError('address_invalid', `"${input.address}" is no e-mail address.`)
  await change(deps, roomKey, async (trx, now, before) => {
    await writeRoom(trx, { roomKey, broughtBy: address, broughtAt: now, broughtHow: 'administrator' }, now)
    const detail = { broughtBy: address, before: before?.broughtBy ?? null }
    await recordAudit(trx, { at: now, by, from, action: 'room_brought', subject: roomKey, detail })
  })
}

/**
 * Closes a room to meetings of others, or opens it again, and plans its meetings again. `colleague` is who says so, where that is no
 * administrator: only the one who brought the room may. Throws `room_not_brought` and `not_your_room`. May run twice.
 */
export async function closeRoom(
  deps: SayDeps,
  input: { roomKey: string; isClosed: boolean; colleague?: string } & Actor,
): Promise<void> {
  const { roomKey, isClosed, by, from, colleague } = input
  await change(deps, roomKey, async (trx, now, before) => {
    if (isClosed && !before?.broughtBy)
      throw new AppError('room_not_brought', 'Nobody is known to have brought this room. Say first who did.')
    if (colleague !== undefined && colleague.toLowerCase() !== before?.broughtBy)
      throw new AppError(
        'not_your_room',
        'Only the colleague who brought this room, or an administrator, can close it.',
      )
    await writeRoom(trx, { roomKey, closedAt: isClosed ? now : null, closedBy: isClosed ? by : null }, now)
    await recordAudit(trx, { at: now, by, from, action: 'room_closed', subject: roomKey, detail: { isClosed } })
  })
}

/** What is recorded and written of meetings, by which it can be given over from one to another. */
interface Words {
  /** Undefined where nothing was recorded. */
  heardOf(trx: Transaction, meetingId: string): Promise<Heard | undefined>
  /** Gives all that was heard of a meeting to another one, which has nothing. */
  move(trx: Transaction, from: string, to: string): Promise<void>
}

/**
 * Says that a meeting was held, where it was taken to be another's time. What was heard then is this meeting's from now on, and no more the other's,
 * which was not held. Throws `meeting_not_found`, `meeting_not_begun`, and `recorded_for_another` where it cannot be given over. May run twice.
 */
export async function sayWasHeld(
  deps: SayDeps & { words: Words },
  input: { meetingId: string } & Actor,
): Promise<Meeting> {
  const { meetingId, by, from } = input
  return inTransaction(deps.db, async (trx) => {
    const now = deps.clock.now()
    const meeting = await readMeeting(trx, meetingId)
    if (!meeting) throw new AppError('meeting_not_found', `There is no meeting ${meetingId}.`)
    if (meeting.startsAt > now)
      throw new AppError('meeting_not_begun', 'This meeting has not begun, so nobody can know yet that it was held.')
    await lockNames(trx, [`room ${meeting.roomKey}`])
    const ids = [meetingId, ...(await listOtherMeetings(trx, meeting)).map(({ id }) => id)]
    const heard: Heard[] = []
    for (const id of ids) heard.push(...[await deps.words.heardOf(trx, id)].filter((one) => one !== undefined))
    const given = chooseHeard(meeting, heard, now)
    if (given) {
      await deps.words.move(trx, given.meetingId, meetingId)
      await noteNotHeld(trx, given.meetingId, now)
    }
    const held = (await noteHeld(trx, { meetingId, at: given?.from ?? now })) as Meeting
    const words = given ? { wordsOf: given.meetingId } : {}
    const detail = { before: meeting.decision, reason: meeting.reason, ...words }
    await recordAudit(trx, { at: now, by, from, action: 'meeting_held', subject: meetingId, detail })
    await deps.planned(trx, [held], 'person')
    return held
  })
}

async function change(
  deps: SayDeps,
  roomKey: string,
  write: (trx: Transaction, now: Date, before: StoredRoom | undefined) => Promise<void>,
): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const now = deps.clock.now()
    await lockNames(trx, [`room ${roomKey}`])
    await write(trx, now, await readRoomRow(trx, roomKey))
    await reconcileOccurrences(deps, trx, await listOccurrencesInRoom(trx, roomKey, now), 'person')
  })
}
