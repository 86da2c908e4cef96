import type { Clock } from '../../../base/clock.ts'
import { type Database, inTransaction } from '../../../platform/db/index.ts'
import { cancelTimedJobs, findLiveJobs, type Queue } from '../../../platform/jobs/index.ts'
import { attendMeetingJob } from '../../bots/index.ts'
import { noteHeld, noteRoomBrought } from '../../meetings/index.ts'
import { type BotAtMeeting, readBotsOfJobs } from './held-bot-store.ts'
import { type Occupant, seatMeeting } from './share-seat.ts'

interface HolderDeps {
  db: Database
  queue: Queue
  clock: Clock
}

/**
 * Writes down that a meeting holds its room in fact. Where it has no bot in the room's seat and is attended, it gets one under the seat's job,
 * which is answered.
 */
export async function noteHolder(
  { db, queue, clock }: HolderDeps,
  input: {
    meetingId: string
    roomKey: string
    occupant: Occupant
    at: Date
    needsBot: boolean
  },
): Promise<BotAtMeeting | undefined> {
  const { meetingId, roomKey, occupant, at, needsBot } = input
  const botId = await inTransaction(db, async (trx) => {
    const meeting = await noteHeld(trx, { meetingId, at })
    if (!needsBot || meeting?.decision !== 'attend') return undefined
    const seated = await seatMeeting({ clock }, trx, { meeting, roomKey, occupant })
    if (!seated) return undefined
    if (seated.jobId !== null) {
      const { name } = attendMeetingJob
      const states = await findLiveJobs(queue, name, [seated.jobId], trx)
      // Somebody who holds its job finds that the bot is ours.
      if (states.get(seated.jobId) !== 'held') await cancelTimedJobs(queue, trx, name, [seated.jobId])
    }
    return seated.botId
  })
  if (botId === undefined || occupant.jobId === null) return undefined
  return (await readBotsOfJobs(db, [occupant.jobId])).find(({ bot }) => bot.id === botId)
}

/** Remembers whose meeting was held in a room first, and so who brought it. */
export async function noteWhoBrought(
  { db, clock }: HolderDeps,
  input: { roomKey: string; meetingId: string; how: 'recognised' | 'first_known' },
): Promise<void> {
  await inTransaction(db, (trx) => noteRoomBrought(trx, { ...input, at: clock.now() }))
}
