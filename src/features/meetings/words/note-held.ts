import { lockNames, type Transaction } from '../../../platform/db/index.ts'
import { readMeeting } from '../day-store.ts'
import type { Meeting } from '../meeting.ts'
import { writeMeetings } from '../meeting-store.ts'
import { noteBrought, setHeld, unsetHeld } from './held-store.ts'

/**
 * Writes down that a meeting holds its room, in fact: what was not attended because of another meeting of the room is, from now on. Answers the
 * meeting as it is then; undefined where there is none. May run twice.
 */
export async function noteHeld(trx: Transaction, input: { meetingId: string; at: Date }): Promise<Meeting | undefined> {
  const { meetingId, at } = input
  const known = await readMeeting(trx, meetingId)
  if (!known) return undefined
  // The plan of the room may be changing at this moment.
  await lockNames(trx, [`room ${known.roomKey}`])
  const before = await readMeeting(trx, meetingId)
  if (!before) return undefined
  await setHeld(trx, meetingId, at)
  const { ownVerdict } = before
  if (before.reason !== 'another_meeting_held' || ownVerdict === null) return before
  const meeting: Meeting = { ...before, ...ownVerdict, seatFrom: null }
  await writeMeetings(trx, [meeting], new Map([[meetingId, before]]), { now: at, origin: 'attendance' })
  return meeting
}

/** Writes down that a meeting was not held after all: another one was, in its room and time. The room must be locked. May run twice. */
export async function noteNotHeld(trx: Transaction, meetingId: string, now: Date): Promise<void> {
  const before = await readMeeting(trx, meetingId)
  if (!before) return
  await unsetHeld(trx, meetingId)
  const { supporting, copies } = before
  const verdict = { decision: 'skip', reason: 'another_meeting_held', reasonDetail: { supporting, copies } } as const
  await writeMeetings(trx, [{ ...before, ...verdict }], new Map([[meetingId, before]]), { now, origin: 'person' })
}

/**
 * Remembers who brought a room: the proven organiser of the first meeting there that holds with its own people recognised; where no names are
 * told, of the first known. Nothing where somebody is known to have, or a meeting of somebody else that is not over is known earlier.
 */
export async function noteRoomBrought(
  trx: Transaction,
  input: { roomKey: string; meetingId: string; how: 'recognised' | 'first_known'; at: Date },
): Promise<boolean> {
  await lockNames(trx, [`room ${input.roomKey}`])
  return noteBrought(trx, input)
}
