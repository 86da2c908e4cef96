import { type AppError, isAppError } from '../../../base/errors.ts'
import { inTransaction } from '../../../platform/db/index.ts'
import { type Actor, recordAudit } from '../../people/index.ts'
import { closeChannel, listLiveChannels, noteStopped } from './channel-store.ts'
import type { ChannelDeps } from './open-channel.ts'
import { readWatched } from './read-watched.ts'

/**
 * Stops the channels of a calendar until one is opened by hand. A channel that the provider will not stop is left to run out; what still
 * comes over it is of no harm.
 */
export async function stopChannels(
  deps: ChannelDeps,
  { calendarId, by, from }: Actor & { calendarId: string },
): Promise<{ stopped: number; problem?: AppError }> {
  const at = deps.clock.now()
  await inTransaction(deps.db, async (trx) => {
    await noteStopped(trx, calendarId, at)
    await recordAudit(trx, { at, by, from, action: 'channels_stopped', subject: calendarId })
  })
  let stopped = 0
  for (const { id, resourceId } of await listLiveChannels(deps.db, calendarId)) {
    const watched = await readWatched(deps, calendarId)
    try {
      if (watched && resourceId !== null)
        await watched.push.stop({ reader: watched.reader, channel: { id, resourceId } })
      await closeChannel(deps.db, id, deps.clock.now())
      stopped += 1
    } catch (error) {
      if (!isAppError(error)) throw error
      return { stopped, problem: error }
    }
  }
  return { stopped }
}
