import type { Clock } from '../../base/clock.ts'
import { isAppError } from '../../base/errors.ts'
import { cutMp3 } from '../../formats/mp3/cut-mp3.ts'
import type { BlobStore } from '../../platform/blobs/index.ts'
import type { Database } from '../../platform/db/index.ts'
import type { Logger } from '../../platform/observe/index.ts'
import { type Bot, noteMediaProblem, type PassedOn } from '../bots/index.ts'
import { type StoredMedia, storeMedia } from '../recordings/index.ts'
import type { Gathered } from './gathered.ts'

interface MediaDeps {
  db: Database
  clock: Clock
  blobs: BlobStore
  log: Pick<Logger, 'warn'>
}

/** A file of a server, where there is one, as its bot's meeting may have it. */
type Brought = Pick<Gathered, 'recordedFrom' | 'recordedUntil'> & { media: NonNullable<Gathered['media']> }

/**
 * Stores the file that a server's bot recorded, cut where its meeting handed the room on. One that cannot be cut is kept whole, and says whose sound
 * it holds besides. Where it cannot be had, the code of why is answered, and noted with the bot.
 */
export async function fetchMedia(
  deps: MediaDeps,
  bot: Pick<Bot, 'id' | 'meetingId'>,
  { media, ...recorded }: Pick<Gathered, 'media' | 'recordedFrom' | 'recordedUntil'>,
  passedOn: PassedOn | undefined,
): Promise<{ media?: StoredMedia; failure?: string }> {
  if (media === null) return {}
  try {
    const stored = await storeAsCut(deps, bot, { media, ...recorded }, passedOn)
    await noteMediaProblem(deps.db, bot.id, null, deps.clock.now())
    return { media: stored }
  } catch (error) {
    if (!isAppError(error)) throw error
    const { code, message, details } = error
    const host = typeof details.host === 'string' ? details.host : null
    await noteMediaProblem(deps.db, bot.id, { code, message, host }, deps.clock.now())
    deps.log.warn('A recording could not be stored', { botId: bot.id, error })
    return { failure: error.code }
  }
}

async function storeAsCut(
  deps: MediaDeps,
  bot: Pick<Bot, 'id' | 'meetingId'>,
  { media, recordedFrom, recordedUntil }: Brought,
  passedOn: PassedOn | undefined,
): Promise<StoredMedia> {
  const input = { meetingId: bot.meetingId, botId: bot.id }
  if (!passedOn || recordedFrom === null) return storeMedia(deps, { ...input, content: media() })
  const keepMs = passedOn.at.getTime() - recordedFrom.getTime()
  const dropLastMs = recordedUntil.getTime() - passedOn.at.getTime()
  try {
    return await storeMedia(deps, { ...input, content: cutMp3(media(), { keepMs, dropLastMs }) })
  } catch (error) {
    if (!isAppError(error, 'media_uncut') && !isAppError(error, 'media_unknown')) throw error
  }
  return { ...(await storeMedia(deps, { ...input, content: media() })), alsoOf: passedOn.meetingIds }
}
