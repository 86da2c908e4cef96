import { MINUTE_MS } from '../../../base/time.ts'
import {
  type Bot,
  type BotHappening,
  type BotState,
  type RunnerName,
  runnerTraits,
  type SittingLimits,
} from '../../bots/index.ts'
import { latestJoinOf } from '../../meetings/index.ts'

/** When a state is over at the latest, and what it ends with. */
interface Deadline {
  afterMs(times: StateTimes, limits: SittingLimits): number
  what: BotHappening
}

/** Times in milliseconds since 1970. */
interface StateTimes {
  runner: RunnerName
  /** Since when the bot is in its state. */
  stateMs: number
  joinMs: number
  /** The meeting's end. */
  endMs: number
}

/** What a bot's own limits leave room for, and a little: the deadlines are for bots whose holder does not see to them. */
const GRACE_MS = 2 * MINUTE_MS

/** Every state that is not final has an end; the compiler refuses one without. */
const deadlines: Record<BotState, Deadline | null> = {
  scheduled: {
    afterMs: ({ joinMs, endMs }, { lateJoinMs }) =>
      latestJoinOf({ startsAt: new Date(joinMs), endsAt: new Date(endMs) }, lateJoinMs),
    // Whoever ends it sees why.
    what: { event: 'fatal_error', end: 'bot_not_launched' },
  },
  // It asks for entry at its time, or as soon as its page is open.
  staged: {
    afterMs: ({ stateMs, joinMs, endMs }) => Math.max(endMs, stateMs, joinMs) + GRACE_MS,
    // Whoever ends it sees why.
    what: { event: 'fatal_error', end: 'bot_not_launched' },
  },
  // Bots of a server are joining while they wait for a host and in a lobby, for as long as the server was told to let them.
  joining: {
    afterMs: ({ stateMs, runner }, { lobbyMs, hostMs }) =>
      stateMs + 2 * GRACE_MS + (runnerTraits[runner].waitsWhileJoining ? lobbyMs + hostMs : 0),
    what: { event: 'could_not_join_meeting', end: 'unable_to_connect_to_meeting' },
  },
  waiting_room: {
    afterMs: ({ stateMs }, { lobbyMs }) => stateMs + lobbyMs + GRACE_MS,
    what: { event: 'could_not_join_meeting', end: 'waiting_room_timeout_exceeded' },
  },
  joined_recording: {
    afterMs: ({ stateMs }, { uptimeMs }) => stateMs + uptimeMs + GRACE_MS,
    what: { event: 'fatal_error', end: 'process_terminated' },
  },
  // A server gets a while longer: its bot is asked for until it has left, also when it is over here.
  leaving: {
    afterMs: ({ stateMs, runner }) => stateMs + (runnerTraits[runner].waitsWhileJoining ? 3 : 1) * GRACE_MS,
    what: { event: 'left_meeting' },
  },
  // Its part is written to the end of its meeting where another meeting has taken over the seat.
  post_processing: {
    afterMs: ({ stateMs, endMs }) => Math.max(stateMs, endMs) + 5 * MINUTE_MS,
    what: { event: 'post_processing_completed' },
  },
  ended: null,
  fatal_error: null,
  cancelled: null,
}

/** What ends a bot's state by now, if its time is over. */
export function overdueEnd(
  bot: Pick<Bot, 'state' | 'runner' | 'joinAt'> & { stateAt: Date },
  meeting: { endsAt: Date },
  limits: SittingLimits,
  now: Date,
): BotHappening | undefined {
  const deadline = deadlines[bot.state]
  const { runner } = bot
  const times = {
    runner,
    stateMs: bot.stateAt.getTime(),
    joinMs: bot.joinAt.getTime(),
    endMs: meeting.endsAt.getTime(),
  }
  return deadline && now.getTime() >= deadline.afterMs(times, limits) ? deadline.what : undefined
}
