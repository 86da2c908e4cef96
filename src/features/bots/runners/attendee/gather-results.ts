import type { Clock } from '../../../../base/clock.ts'
import { isAppError } from '../../../../base/errors.ts'
import { cleanLine } from '../../../../base/text.ts'
import { MINUTE_MS } from '../../../../base/time.ts'
import type { HttpClient } from '../../../../platform/http/index.ts'
import type { Gathered, GatheredPerson } from '../runner.ts'
import { instantOf, type RemoteBot, type RemoteUtterance } from './attendee-answers.ts'
import type { AttendeeApi } from './attendee-api.ts'
import { readMedia } from './read-media.ts'

/** How long the results of a bot are asked for before what is there has to do. */
const PATIENCE_MS = 10 * MINUTE_MS
/** After a breakdown the next attempt waits for this one's end. */
const HURRY_MS = 15_000
/** How long "there is none" is not believed. */
const DOUBT_MS = MINUTE_MS
const NAME_LENGTH = 200

export interface GatherDeps {
  api: AttendeeApi
  http: HttpClient
  clock: Clock
  /** As `MediaDeps.storageHosts`. */
  storageHosts: readonly string[]
  /** Before the same thing is asked again. */
  pause(): Promise<void>
}

/** Fetches what a bot brings out of its meeting; undefined where it was in none. Never throws: what cannot be had is missing. */
export async function gatherResults(deps: GatherDeps, bot: RemoteBot): Promise<Gathered | undefined> {
  const wasThere = bot.events.some(({ type }) => type === 'joined_meeting')
  if (!wasThere) return undefined
  const patienceMs = bot.state === 'fatal_error' ? HURRY_MS : PATIENCE_MS
  const fetch = <T>(ask: () => Promise<T | undefined>, doubtMs = Math.min(DOUBT_MS, patienceMs)) =>
    askPatiently(deps, { patienceMs, doubtMs }, ask)
  const settled = await fetch(async () => {
    const now = await deps.api.read(bot.id)
    return now?.transcriptionState === 'in_progress' ? undefined : now
  }, patienceMs)
  const [said, people, comings, recording] = await Promise.all([
    fetch(() => deps.api.transcript(bot.id)),
    fetch(() => deps.api.participants(bot.id)),
    fetch(() => deps.api.participantEvents(bot.id)),
    (settled ?? bot).recordingState === 'complete' ? fetch(() => deps.api.recording(bot.id)) : undefined,
  ])
  const utterances = said ?? []
  const link = async () => (await fetch(() => deps.api.recording(bot.id)))?.url
  return {
    recordedFrom:
      recording?.startedAt ?? instantOf(bot, 'recording_permission_granted') ?? utterances[0]?.spokenAt ?? null,
    recordedUntil: instantOf(bot, 'meeting_ended', 'left_meeting', 'fatal_error') ?? deps.clock.now(),
    hasSound: recording !== undefined || utterances.some(({ text }) => text !== ''),
    people: peopleOf(people ?? [], comings ?? [], utterances),
    utterances: utterances
      .filter(({ text }) => text.trim() !== '')
      .map(({ speakerId, spokenAt, durationMs, text }) => ({ nativeId: speakerId, spokenAt, durationMs, text })),
    isSpeechMissing: said === undefined || (settled ?? bot).transcriptionState === 'failed',
    media: recording ? () => readMedia({ ...deps, link }) : null,
  }
}

/** Asks until there is an answer: for so long while the server fails, and not as long while it says that there is none. */
async function askPatiently<T>(
  deps: GatherDeps,
  limits: { patienceMs: number; doubtMs: number },
  ask: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const beganMs = deps.clock.now().getTime()
  for (;;) {
    let limitMs = limits.doubtMs
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
    } catch (error) {
      if (!isAppError(error)) throw error
      limitMs = error.retry === 'later' ? limits.patienceMs : 0
    }
    if (deps.clock.now().getTime() - beganMs >= limitMs) return undefined
    await deps.pause()
  }
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
