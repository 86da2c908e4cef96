import type { RemoteTie } from '../../../bots/index.ts'
import type { RemoteBot } from './attendee-answers.ts'
import type { AttendeeApi } from './attendee-api.ts'
import { canLeave, isOut } from './translate-event.ts'

/** Long after a request for a bot was given up it is not answered by a bot any more. */
const UNANSWERED_MS = 60_000

/**
 * Has a bot leave that nobody follows any more, wherever it is: scheduled it is taken back, staged it is waited for. Answers the bot while it may
 * be in its room or come there; `gone` once the server says that it is out, or knows of none. Throws what the server fails with.
 */
export async function sendAway(
  deps: { api: AttendeeApi; now(): Date },
  tie: Pick<RemoteTie, 'remoteId' | 'deduplicationKey'> & { overAt: Date },
): Promise<RemoteBot | 'gone' | 'unknown'> {
  const { api } = deps
  const bot = await findRemote(api, tie)
  // A request may still be under way to the server.
  if (!bot) return tie.remoteId !== null || +deps.now() - +tie.overAt >= UNANSWERED_MS ? 'gone' : 'unknown'
  if (bot.state === 'scheduled') return (await api.remove(bot.id)) === 'refused' ? bot : 'gone'
  if (canLeave(bot)) await api.leave(bot.id)
  return bot
}

/** The server's bot by its id, else by its key; undefined where it knows of none. */
async function findRemote(
  api: AttendeeApi,
  { remoteId, deduplicationKey }: Pick<RemoteTie, 'remoteId' | 'deduplicationKey'>,
): Promise<RemoteBot | undefined> {
  return (remoteId === null ? undefined : await api.read(remoteId)) ?? (await api.findByKey(deduplicationKey))
}

/** Whether it can neither be in its room nor come there. */
export function isAway(found: RemoteBot | 'gone' | 'unknown'): boolean {
  return found === 'gone' || (found !== 'unknown' && isOut(found))
}
