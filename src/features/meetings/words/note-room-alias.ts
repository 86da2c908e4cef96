import { type Database, inTransaction, lockNames, type Transaction } from '../../../platform/db/index.ts'
import { moveEventsToRoom, type NamedRoom, type RoomLink } from '../../calendars/index.ts'
import { isUnplanned } from '../meeting.ts'
import { POLICY_LOCK } from '../plan-lock-store.ts'
import { planUnplanned, type ReconcileDeps, reconcileChanges } from '../reconcile-meetings.ts'
import type { RoomBots } from '../room-bots.ts'
import { joinRooms, listComingInRoom, moveMeetingsToRoom, readRoomAliases, writeRoomAlias } from './room-alias-store.ts'

interface AliasDeps extends ReconcileDeps, Pick<RoomBots, 'wasEntered'> {
  db: Database
  readLink(url: string): { room: RoomLink | null }
}

/**
 * Looks where a link led, as the page of the platform says, before the bot asks for entry; answers whether that is the room for which the bot was sent.
 * Where it is not, both names are one room from now on, and the plan of its meetings is made anew. Nothing of another platform or host is
 * believed: then the room is the one that its link names. May run twice.
 */
export async function noteWhereLinkLed(
  deps: AliasDeps,
  input: { roomKey: string; link: string; ledTo: string },
): Promise<boolean> {
  const { roomKey, link, ledTo } = input
  const to = roomOf(deps, ledTo)
  const written = roomOf(deps, link)
  const isTheirs = to?.platform === written?.platform && URL.parse(ledTo)?.host === URL.parse(link)?.host
  if (!to || !written || !isTheirs || to.roomKey === roomKey) return true
  await inTransaction(deps.db, (trx) => joinNames(deps, trx, { aliasKey: written.roomKey, to }))
  return false
}

async function joinNames(
  deps: AliasDeps,
  trx: Transaction,
  { aliasKey, to }: { aliasKey: string; to: NamedRoom },
): Promise<void> {
  const now = deps.clock.now()
  const before = (await readRoomAliases(trx, [aliasKey])).get(aliasKey)
  const from = before?.roomKey ?? aliasKey
  if (from === to.roomKey) return
  // A link that led elsewhere before is another link.
  const isNew = before !== undefined || (await deps.wasEntered(trx, aliasKey))
  const leads = (link: string) => roomOf(deps, link)?.roomKey === aliasKey
  const moves = { from, to, leads, since: isNew ? now : null, now }
  const changes = await moveEventsToRoom(trx, moves)
  await lockNames(trx, [`room ${from}`, `room ${to.roomKey}`, `room ${aliasKey}`], POLICY_LOCK)
  await writeRoomAlias(trx, aliasKey, to, now)
  // What was written while we waited.
  changes.push(...(await moveEventsToRoom(trx, moves)))
  const meetings = (await listComingInRoom(trx, from, now)).filter(({ meetingUrl }) => leads(meetingUrl))
  const kept = isNew ? meetings.filter(isUnplanned) : meetings
  await moveMeetingsToRoom(
    trx,
    kept.map(({ id }) => id),
    to,
    now,
  )
  if (!isNew) await joinRooms(trx, aliasKey, to.roomKey)
  await reconcileChanges(deps, trx, changes)
  for (const meeting of meetings.filter(isUnplanned)) await planUnplanned(deps, trx, { ...meeting, ...to }, meeting)
}

function roomOf({ readLink }: AliasDeps, url: string): NamedRoom | undefined {
  const { room } = readLink(url)
  return room ? { platform: room.platform, roomId: room.roomId, roomKey: `${room.platform}:${room.roomId}` } : undefined
}
