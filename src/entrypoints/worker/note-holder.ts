import type { Clock } from '../../base/clock.ts'
import {
  attendMeetingJob,
  type Bot,
  type BotAtMeeting,
  type Gathered,
  readBotsOfJobs,
  seatMeeting,
} from '../../features/bots/index.ts'
import { noteHeld, noteRoomBrought, readRoomPicture } from '../../features/meetings/index.ts'
import { type Database, inTransaction } from '../../platform/db/index.ts'
import { cancelTimedJobs, findLiveJobs, type Queue } from '../../platform/jobs/index.ts'
import type { Directory } from './read-room.ts'

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
    occupant: Pick<Bot, 'jobId' | 'holder'>
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

/** The same by what a server's bot brings out of its meeting, whose people are known only then. */
export async function noteWhoBroughtAtLast(
  deps: HolderDeps & { directory: Directory },
  bot: Pick<Bot, 'roomKey' | 'meetingId'>,
  { people }: Gathered,
): Promise<void> {
  const { db, clock, directory } = deps
  const { roomKey, meetingId } = bot
  const found = await directory.recognise(db, people)
  const recognised = await Promise.all(
    found
      .flatMap((one) => (one ? [one] : []))
      .map(async ({ person, address }) => {
        return { address, addresses: [...new Set([address, ...(await directory.addressesOf(db, person))])] }
      }),
  )
  const facts = await readRoomPicture(db, { roomKey, now: clock.now(), recognised, seated: [meetingId] })
  const held = facts.meetings.find(({ id }) => id === meetingId)
  if (!held || facts.broughtBy !== null || people.length === 0) return
  const isNamed = people.some(({ name, email }) => name !== null || email !== undefined)
  if (held.own.size > 0) await noteWhoBrought(deps, { roomKey, meetingId, how: 'recognised' })
  else if (!isNamed) await noteWhoBrought(deps, { roomKey, meetingId, how: 'first_known' })
}
