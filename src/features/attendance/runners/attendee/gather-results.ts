import type { Clock } from '../../../../base/clock.ts'
import { cleanLine } from '../../../../base/text.ts'
import { HOUR_MS, MINUTE_MS } from '../../../../base/time.ts'
import type { HttpClient } from '../../../../platform/http/index.ts'
import type { Gathered, GatheredPerson } from '../../../transcripts/index.ts'
import { createBotNames } from '../bot-names.ts'
import { instantOf, type RemoteBot, type RemoteUtterance } from './attendee-answers.ts'
import type { AttendeeApi } from './attendee-api.ts'
import { fitName } from './fit-server.ts'
import { readMedia } from './read-media.ts'
import { isOver } from './translate-event.ts'

/** How long "there is none" is not believed of a recording that the server says it has. */
const DOUBT_MS = 10 * MINUTE_MS
/** The file of a bot that broke down is stored after its end, if at all. */
const LATE_FILE_MS = 2 * HOUR_MS
const NAME_LENGTH = 200

interface GatherDeps {
  api: AttendeeApi
  http: HttpClient
  clock: Clock
  /** What our bots are called. */
  botName: string
  /** As `MediaDeps.storageHosts`. */
  storageHosts: readonly string[]
  /** A file of the recording was ordered. */
  keepsFile: boolean
  /** Before a piece of a file is asked for again. */
  pause(): Promise<void>
}

/** What a bot brings as far as it is there by now. */
interface Harvest {
  gathered: Gathered
  /** All that will become text has. */
  hasWords: boolean
  /** Its file is there, or none is to be expected. */
  hasMedia: boolean
}

/**
 * Fetches what a bot that is out of its meeting brings, as far as the server has it; undefined where it was in none. Throws what the server fails
 * with.
 */
export async function gatherResults(deps: GatherDeps, bot: RemoteBot): Promise<Harvest | undefined> {
  if (!bot.events.some(({ type }) => type === 'joined_meeting')) return undefined
  const { api } = deps
  const [said, people, comings, recording] = await Promise.all([
    api.transcript(bot.id),
    api.participants(bot.id),
    api.participantEvents(bot.id),
    deps.keepsFile ? api.recording(bot.id) : undefined,
  ])
  const utterances = said ?? []
  const { isOurs } = createBotNames(fitName(deps.botName), [])
  const link = async () => (await api.recording(bot.id))?.url
  const gathered: Gathered = {
    recordedFrom:
      recording?.startedAt ?? instantOf(bot, 'recording_permission_granted') ?? utterances[0]?.spokenAt ?? null,
    recordedUntil: instantOf(bot, 'meeting_ended', 'left_meeting', 'fatal_error') ?? deps.clock.now(),
    hasSound: recording !== undefined || utterances.some(({ text }) => text !== ''),
    people: peopleOf(people ?? [], comings ?? [], utterances).map((one) =>
      isOurs(one.name) ? { ...one, hasBotName: true } : one,
    ),
    utterances: utterances
      .filter(({ text }) => text.trim() !== '')
      .map(({ speakerId, spokenAt, durationMs, text }) => ({ nativeId: speakerId, spokenAt, durationMs, text })),
    isSpeechMissing: said === undefined || bot.transcriptionState === 'failed' || isDeleted(bot),
    media: recording ? () => readMedia({ ...deps, link }) : null,
  }
  return {
    gathered,
    hasWords: isOver(bot) && (bot.transcriptionState !== 'in_progress' || isForgotten(bot, deps.clock.now())),
    hasMedia: recording !== undefined || !deps.keepsFile || !mayHaveFile(bot, deps.clock.now()),
  }
}

/** Whether somebody had the server delete what it brought: its states stay as they were, and everything that it is asked for is empty. */
function isDeleted({ state }: RemoteBot): boolean {
  return state === 'data_deleted'
}

/** Whether nobody will finish what a bot that broke down left. */
function isForgotten(bot: RemoteBot, now: Date): boolean {
  const overAt = instantOf(bot, 'fatal_error')
  return overAt !== undefined && now.getTime() - overAt.getTime() > DOUBT_MS
}

/** Whether a recording that is not there may still come: the state of one that broke down says nothing about its file. */
function mayHaveFile(bot: RemoteBot, now: Date): boolean {
  const overMs = instantOf(bot, 'fatal_error', 'post_processing_completed')?.getTime() ?? now.getTime()
  const agoMs = now.getTime() - overMs
  if (!isOver(bot)) return true
  if (isDeleted(bot)) return false
  if (bot.state === 'fatal_error')
    return instantOf(bot, 'recording_permission_granted') !== undefined && agoMs < LATE_FILE_MS
  return bot.recordingState === 'complete' && agoMs < DOUBT_MS
}

/** Everybody who was seen or heard, from their first coming to their last going. */
function peopleOf(
  people: readonly { id: string; name: string | null }[],
  comings: readonly { id: string; type: string; at: Date }[],
  utterances: readonly RemoteUtterance[],
): GatheredPerson[] {
  const found = new Map<string, GatheredPerson>()
  const note = (nativeId: string, name: string | null, at: Date | null) => {
    const known = found.get(nativeId) ?? { nativeId, name: null, joinedAt: null, leftAt: null }
    const cleaned = cleanLine(name ?? '', NAME_LENGTH) || null
    const joinedAt = known.joinedAt !== null && (at === null || known.joinedAt <= at) ? known.joinedAt : at
    found.set(nativeId, { ...known, name: cleaned ?? known.name, joinedAt })
  }
  for (const { id, name } of people) note(id, name, null)
  for (const { speakerId, speakerName, spokenAt } of utterances) note(speakerId, speakerName, spokenAt)
  for (const { id, type, at } of comings.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    if (type === 'join') note(id, null, at)
    const known = found.get(id)
    if (known && (type === 'join' || type === 'leave'))
      found.set(id, { ...known, leftAt: type === 'leave' ? at : null })
  }
  return [...found.values()]
}
