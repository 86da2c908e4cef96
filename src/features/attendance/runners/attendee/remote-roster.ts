import { isAppError } from '../../../../base/errors.ts'
import { cleanLine } from '../../../../base/text.ts'
import { SECOND_MS } from '../../../../base/time.ts'
import type { BotNames } from '../bot-names.ts'
import type { SeatedParticipant, SittingEvent } from '../runner.ts'
import type { RemoteBot } from './attendee-answers.ts'
import type { AttendeeApi } from './attendee-api.ts'

const NAME_LENGTH = 200
/** By how much the clocks of a server's own machines may differ. */
const OVERLAP_MS = 10 * SECOND_MS

/**
 * Follows who is in the room of a server's bot, from one time it is asked to the next. The server vouches for no address (docs/openapi.yml,
 * v1.64.1: participants have a name and an id), so whoever is recognised is so by name. What cannot be asked is asked again the next time.
 */
export function createRemoteRoster(deps: {
  api: Pick<AttendeeApi, 'participants' | 'participantEvents'>
  names: BotNames
  now(): Date
  emit(event: SittingEvent): void
}): (bot: RemoteBot) => Promise<void> {
  const { names: botNames } = deps
  const present = new Map<string, SeatedParticipant>()
  const told = new Set<string>()
  let newestMs: number | undefined
  return async (bot) => {
    try {
      // What was not there at the last look was written after the newest of what was there had happened.
      const after = newestMs === undefined ? undefined : new Date(Math.min(newestMs, deps.now().getTime()) - OVERLAP_MS)
      const [people, comings] = await Promise.all([
        deps.api.participants(bot.id),
        deps.api.participantEvents(bot.id, after),
      ])
      const named = [...(comings ?? []), ...(people ?? [])]
      const names = new Map(named.map(({ id, name }) => [id, cleanLine(name ?? '', NAME_LENGTH) || null]))
      for (const { id, type, at } of (comings ?? []).toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
        newestMs = Math.max(newestMs ?? 0, at.getTime())
        const key = JSON.stringify([id, type, at.getTime()])
        if (told.has(key) || (type !== 'join' && type !== 'leave')) continue
        told.add(key)
        tell(type === 'join' ? 'joined' : 'left', participantOf(id, names.get(id) ?? null), at)
      }
      for (const [id, participant] of present) {
        const name = names.get(id) ?? null
        if (name !== null && name !== participant.name) tell('renamed', participantOf(id, name), deps.now())
      }
    } catch (error) {
      if (!isAppError(error)) throw error
    }
  }

  function participantOf(nativeId: string, name: string | null): SeatedParticipant {
    return {
      nativeId,
      name,
      hasBotName: botNames.isOurs(name),
      ...(botNames.isAnothers(name) ? { isAnotherBot: true } : {}),
    }
  }

  function tell(change: 'joined' | 'renamed' | 'left', participant: SeatedParticipant, at: Date): void {
    if (change === 'left') present.delete(participant.nativeId)
    else present.set(participant.nativeId, participant)
    deps.emit({ type: 'participant', at, change, participant })
  }
}
