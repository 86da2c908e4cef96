import { isAppError } from '../../base/errors.ts'
import type { Bot, Gathered, HandedOn } from '../../features/bots/index.ts'
import { cutMp3, type StoredMedia, storeMedia } from '../../features/recordings/index.ts'
import type { BlobStore } from '../../platform/blobs/index.ts'
import type { Logger } from '../../platform/observe/index.ts'

interface MediaDeps {
  blobs: BlobStore
  log: Pick<Logger, 'warn'>
}

/**
 * Stores the file that a server's bot recorded, cut where its meeting handed the room on. One that cannot be cut is kept whole, and says whose sound
 * it holds besides. Undefined where it cannot be had.
 */
export async function fetchMedia(
  deps: MediaDeps,
  bot: Pick<Bot, 'id' | 'meetingId'>,
  { media, recordedFrom, recordedUntil }: Pick<Gathered, 'media' | 'recordedFrom' | 'recordedUntil'>,
  handedOn: HandedOn | undefined,
): Promise<StoredMedia | undefined> {
  if (media === null) return undefined
  const input = { meetingId: bot.meetingId, botId: bot.id }
  try {
    if (!handedOn || recordedFrom === null) return await storeMedia(deps, { ...input, content: media() })
    const keepMs = handedOn.at.getTime() - recordedFrom.getTime()
    const dropLastMs = recordedUntil.getTime() - handedOn.at.getTime()
    try {
      return await storeMedia(deps, { ...input, content: cutMp3(media(), { keepMs, dropLastMs }) })
    } catch (error) {
      if (!isAppError(error, 'media_uncut') && !isAppError(error, 'media_unknown')) throw error
    }
    return { ...(await storeMedia(deps, { ...input, content: media() })), alsoOf: handedOn.meetingIds }
  } catch (error) {
    if (!isAppError(error)) throw error
    deps.log.warn('A recording could not be stored', { botId: bot.id, error })
    return undefined
  }
}
