import type { BotNames } from '../bot-names.ts'
import type { SittingEvent } from '../runner.ts'
import type { RemoteBot } from './attendee-answers.ts'
import type { AttendeeApi } from './attendee-api.ts'
import type { Pauses } from './pauses.ts'
import { createRemoteChat } from './remote-chat.ts'
import { createRemoteRoster } from './remote-roster.ts'
import { createRemoteWords } from './remote-words.ts'

/** All that is done at each look at a bot in its room: its words, its people at a calmer pace, and what it is to say. */
export function createRoomTeller(
  deps: {
    api: Pick<AttendeeApi, 'transcript' | 'participants' | 'participantEvents' | 'say'>
    pauses: Pick<Pauses, 'peopleMs' | 'contestedMs'>
    names: BotNames
    now(): Date
    emit(event: SittingEvent): void
  },
  wishes: {
    /** Who is there has to be known at each look. */
    isUrgent(): boolean
    /** Whether a notice came since the last look. */
    wasHinted(): boolean
    says(): readonly string[]
  },
): (bot: RemoteBot) => Promise<void> {
  const tellWords = createRemoteWords(deps)
  const tellPeople = createRemoteRoster(deps)
  const write = createRemoteChat(deps)
  const { peopleMs, contestedMs } = deps.pauses
  let askedMs = Number.NEGATIVE_INFINITY
  return async (bot) => {
    const restMs = wishes.isUrgent() ? 0 : wishes.wasHinted() ? contestedMs : peopleMs
    const nowMs = deps.now().getTime()
    if (nowMs - askedMs >= restMs) {
      askedMs = nowMs
      await tellPeople(bot)
    }
    await tellWords(bot)
    await write(bot, wishes.says())
  }
}
