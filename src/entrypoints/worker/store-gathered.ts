import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { newId } from '../../base/ids.ts'
import { type Bot, type Gathered, readHandedOn, upsertParticipant } from '../../features/bots/index.ts'
import { endPart, markSpeechMissing, nameMedia, type StoredMedia, startPart } from '../../features/recordings/index.ts'
import { announceTranscript, appendWrittenUtterances, beginTranscript } from '../../features/transcripts/index.ts'
import type { BlobStore } from '../../platform/blobs/index.ts'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { Logger } from '../../platform/observe/index.ts'
import { cutGathered } from './cut-gathered.ts'
import { fetchMedia } from './fetch-media.ts'
import type { Directory } from './read-room.ts'

export interface GatheredDeps {
  blobs: BlobStore
  clock: Clock
  log: Pick<Logger, 'warn'>
  db: Database
  /** Who people are; unset: nobody is recognised. */
  directory?: Pick<Directory, 'recognise'>
  /** Runs under the bot's fence. */
  fenced<T>(write: (trx: Transaction) => Promise<T>): Promise<T>
}

/**
 * Stores what a bot elsewhere recorded and transcribed: the file first, then all rows in one transaction. May run twice, and a file that
 * cannot be had costs no text.
 */
export async function storeGathered(deps: GatheredDeps, bot: Bot, brought: Gathered): Promise<void> {
  const handedOn = await readHandedOn(deps.db, bot.id, brought.recordedUntil)
  const media = await fetchMedia(deps, bot, brought, handedOn)
  const gathered = cutGathered(brought, handedOn?.at)
  const persons = await recogniseAll(deps, gathered)
  await deps.fenced((trx) => writeGathered(deps, trx, { bot, gathered, media, persons }))
}

/** Who somebody is, by what the platform calls them. */
async function recogniseAll({ db, directory }: GatheredDeps, { people }: Gathered): Promise<Map<string, string>> {
  const found = (await directory?.recognise(db, people)) ?? []
  return new Map(people.flatMap(({ nativeId }, index) => (found[index] ? [[nativeId, found[index].person]] : [])))
}

async function writeGathered(
  deps: GatheredDeps,
  trx: Transaction,
  input: { bot: Bot; gathered: Gathered; media: StoredMedia | undefined; persons: ReadonlyMap<string, string> },
): Promise<void> {
  const { bot, gathered, media, persons } = input
  const { id: botId, meetingId } = bot
  const now = deps.clock.now()
  const people = await writePeople(trx, bot, { gathered, persons, now })
  if (gathered.recordedFrom === null || !(gathered.hasSound || media)) return
  const part = await startPart(trx, { meetingId, botId, startedAt: gathered.recordedFrom, now })
  await beginTranscript(trx, meetingId, now)
  const lastedMs = Math.max(0, gathered.recordedUntil.getTime() - gathered.recordedFrom.getTime())
  const { startedMs: partStartedMs } = part
  const endedMs = partStartedMs + lastedMs
  await endPart(trx, { botId, endedMs })
  if (gathered.isSpeechMissing) await markSpeechMissing(trx, botId)
  if (media) await nameMedia(deps, trx, { meetingId, media, startedMs: partStartedMs, endedMs, now })
  const recordedFromMs = gathered.recordedFrom.getTime()
  const utterances = gathered.utterances.flatMap(({ nativeId, spokenAt, durationMs: spokenMs, text }) => {
    const participantId = people.get(nativeId)
    if (participantId === undefined) return []
    const startedMs = partStartedMs + Math.max(0, Math.round(spokenAt.getTime() - recordedFromMs))
    const id = nameUtterance(botId, nativeId, spokenAt, spokenMs)
    return [{ id, participantId, startedMs, durationMs: Math.round(spokenMs), text }]
  })
  await appendWrittenUtterances(trx, meetingId, utterances, now)
}

/** Everybody who was there, by what the platform calls them. */
async function writePeople(
  trx: Transaction,
  bot: Bot,
  { gathered, persons, now }: { gathered: Gathered; persons: ReadonlyMap<string, string>; now: Date },
): Promise<Map<string, string>> {
  const { id: botId, meetingId } = bot
  const ids = new Map<string, string>()
  for (const { nativeId, name, email, joinedAt, leftAt } of gathered.people) {
    const seen = {
      id: newId(),
      meetingId,
      botId,
      nativeId,
      name,
      email,
      person: persons.get(nativeId),
      at: joinedAt ?? gathered.recordedFrom ?? now,
    }
    ids.set(nativeId, await upsertParticipant(trx, { ...seen, hasLeft: false }))
    if (leftAt) await upsertParticipant(trx, { ...seen, at: leftAt, hasLeft: true })
  }
  if (ids.size > 0) await announceTranscript(trx, meetingId)
  return ids
}

/** The same speech has the same id, so that storing it again changes nothing: a UUID of version 8, of what it is. */
function nameUtterance(botId: string, nativeId: string, spokenAt: Date, durationMs: number): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([botId, nativeId, spokenAt, durationMs]))
    .digest('hex')
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `8${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-')
}
