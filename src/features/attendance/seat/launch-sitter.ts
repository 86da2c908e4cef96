import { AppError } from '../../../base/errors.ts'
import { type RunnerName, runnerTraits, type SittingLimits } from '../../bots/index.ts'
import type { Runner, Seat, Sitting, SittingEvent } from '../runners/runner.ts'
import type { Sitter } from './sitter.ts'

export interface LaunchDeps {
  /** What executes bots, by name; a bot of any other is not launched. */
  runners: Partial<Record<RunnerName, Runner>>
  botName: string
  /** Names of other recording bots. */
  otherBotNames: readonly string[]
  /** Said in the room; none if empty. */
  chatLine: string
  limits: SittingLimits
  /** Whether the room to which a link led is the one for which a bot was sent; where it is not, both are one room from now on. */
  leadsThere?(input: { roomKey: string; link: string; ledTo: string }): Promise<boolean>
}

/** From when on a bot may go to the door: early for its meeting, and later for a further attempt at one. */
export function launchesFromMs({ bot, notBefore }: Sitter): number {
  return Math.max(notBefore.getTime(), bot.joinAt.getTime() - runnerTraits[bot.runner].orderedBeforeMs)
}

/** Sends a bot to its room. Throws where it could not be launched. */
export async function launchSitter(
  deps: LaunchDeps,
  { bot, meeting }: Sitter,
  leaseUntilMs: () => number,
  hear: (event: SittingEvent) => void,
  chatLine: string,
): Promise<Seat> {
  const { botName, otherBotNames, limits } = deps
  const runner = deps.runners[bot.runner]
  if (!runner) throw new AppError('no_runner', `This worker has no runner "${bot.runner}".`)
  const sitting: Sitting = {
    botId: bot.id,
    fence: bot.fence,
    resumesFrom: bot.fence > 1 ? bot.state : null,
    platform: meeting.platform as Sitting['platform'],
    url: meeting.meetingUrl,
    botName,
    otherBotNames,
    chatLine,
    joinAt: bot.joinAt,
    endsAt: meeting.endsAt,
    limits,
    asksWhereItLeads: deps.leadsThere !== undefined,
    // Read when the order goes out, which may be a browser's start later.
    get leaseUntilMs() {
      return leaseUntilMs()
    },
  }
  return runner.sit(sitting, hear)
}
