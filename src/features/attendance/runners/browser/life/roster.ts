import { cleanLine } from '../../../../../base/text.ts'
import type { SeenParticipant } from '../../../platforms/platform.ts'
import { createBotNames } from '../../bot-names.ts'
import type { SeatedParticipant } from '../../runner.ts'

const NAME_LENGTH = 200

interface RosterChange {
  change: 'joined' | 'renamed' | 'left'
  participant: SeatedParticipant
}

/** Follows who is in the room, from one look to the next. A name may be upgraded, and never turns back into none. */
export function createRoster(botName: string, otherBotNames: readonly string[]) {
  const present = new Map<string, SeatedParticipant>()
  const heard = new Set<string>()
  const names = createBotNames(botName, otherBotNames)

  function isCompany({ nativeId, name }: SeatedParticipant): boolean {
    // Our bots have no microphone: whoever bears their name and speaks is somebody.
    return heard.has(nativeId) || !names.isBots(name)
  }

  return {
    update(seen: readonly SeenParticipant[]): RosterChange[] {
      const changes: RosterChange[] = []
      const others = seen.filter(({ isSelf, nativeId }) => !isSelf && nativeId !== '')
      for (const { nativeId, name: shown, email: signedInAs, isDevice } of others) {
        const before = present.get(nativeId)
        const name = cleanLine(shown, NAME_LENGTH) || (before?.name ?? null)
        const email = signedInAs?.trim().toLowerCase() || before?.email
        if (before && before.name === name && before.email === email) continue
        const vouched = { ...(email === undefined ? {} : { email }), ...(isDevice ? { isDevice } : {}) }
        const bears = { hasBotName: names.isOurs(name), ...(names.isAnothers(name) ? { isAnotherBot: true } : {}) }
        const participant = { nativeId, name, ...bears, ...vouched }
        present.set(nativeId, participant)
        changes.push({ change: before ? 'renamed' : 'joined', participant })
      }
      const ids = new Set(others.map(({ nativeId }) => nativeId))
      for (const [nativeId, participant] of present) {
        if (ids.has(nativeId)) continue
        present.delete(nativeId)
        changes.push({ change: 'left', participant })
      }
      return changes
    },
    noteHeard: (nativeId: string) => void heard.add(nativeId),
    /** How many are there whom a meeting can be held with. */
    countCompany: () => [...present.values()].filter(isCompany).length,
  }
}
