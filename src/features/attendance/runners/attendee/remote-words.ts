import { isAppError } from '../../../../base/errors.ts'
import { cleanLine } from '../../../../base/text.ts'
import { SECOND_MS } from '../../../../base/time.ts'
import type { SittingEvent } from '../runner.ts'
import { instantOf, type RemoteBot, type RemoteUtterance } from './attendee-answers.ts'
import type { AttendeeApi } from './attendee-api.ts'

const NAME_LENGTH = 200
/** By how much the clocks of a server's own machines may differ. */
const OVERLAP_MS = 10 * SECOND_MS

/**
 * Follows what is said at a server's bot, from one time it is asked to the next: tells what became text since, or became another one, once. What
 * cannot be asked is asked again the next time, and at the end everything is.
 */
export function createRemoteWords(deps: {
  api: Pick<AttendeeApi, 'transcript'>
  now(): Date
  emit(event: SittingEvent): void
}): (bot: RemoteBot) => Promise<void> {
  const told = new Map<string, string>()
  let hasBegun = false
  let newestMs: number | undefined
  return async (bot) => {
    const recordedFrom = instantOf(bot, 'recording_permission_granted')
    if (!recordedFrom) return
    try {
      const said = (await deps.api.transcript(bot.id, updatedAfter())) ?? []
      for (const { spokenAt } of said) newestMs = Math.max(newestMs ?? 0, spokenAt.getTime())
      const news = said.filter(isNews)
      if (news.length === 0 && hasBegun) return
      hasBegun = true
      const names = new Map(news.map(({ speakerId, speakerName }) => [speakerId, speakerName]))
      deps.emit({
        type: 'words',
        at: deps.now(),
        recordedFrom,
        people: [...names].map(([nativeId, name]) => ({ nativeId, name: cleanLine(name ?? '', NAME_LENGTH) || null })),
        utterances: news.map(({ speakerId, spokenAt, durationMs, text }) => ({
          nativeId: speakerId,
          spokenAt,
          durationMs,
          text,
        })),
      })
    } catch (error) {
      if (!isAppError(error)) throw error
    }
  }

  /** Whatever was not there at the last look was written after the newest of what was there had begun: by the server's clock, whatever ours says. */
  function updatedAfter(): Date | undefined {
    if (newestMs === undefined) return undefined
    return new Date(Math.min(newestMs, deps.now().getTime()) - OVERLAP_MS)
  }

  function isNews({ speakerId, spokenAt, durationMs, text }: RemoteUtterance): boolean {
    if (text.trim() === '') return false
    const what = `${spokenAt.getTime()} ${speakerId}`
    const now = `${durationMs} ${text}`
    if (told.get(what) === now) return false
    told.set(what, now)
    return true
  }
}
