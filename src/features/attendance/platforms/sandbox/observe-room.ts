import type { Page } from 'playwright-core'
import type { Observation, RoomState, SeenParticipant } from '../platform.ts'

interface RoomFacts {
  /** What the page says its state is. */
  said: string
  /** The one section that can be seen. */
  shown: string | null
  isRoom: boolean
  participants: SeenParticipant[]
}

/** What the page calls the states that mean one thing, whether they are said or shown. */
const STATES: Record<string, RoomState> = {
  prejoin: 'door',
  joining: 'joining',
  lobby: 'lobby',
  left: 'left',
  denied: 'denied',
  lobby_timed_out: 'lobby_timed_out',
  removed: 'removed',
  ended: 'ended',
  disconnected: 'disconnected',
}

export async function observeRoom(page: Page): Promise<Observation> {
  return judgeRoom(await page.evaluate(readRoom))
}

/** The leave button is in the lobby too and proves nothing. The section shown and our own seat among the participants do. */
function judgeRoom({ said, shown, isRoom, participants }: RoomFacts): Observation {
  if (!isRoom)
    return { state: said === 'missing' ? 'not_found' : 'unknown', evidence: ['no room page'], participants: [] }
  const state = shown === null ? undefined : STATES[shown]
  if (state !== undefined) return { state, evidence: [`section ${shown}`], participants: [] }
  const hasSeat = participants.some(({ isSelf }) => isSelf)
  if (shown === 'meeting' && said === 'meeting' && hasSeat)
    return { state: 'in_meeting', evidence: ['section meeting', 'own seat'], participants }
  return { state: 'unknown', evidence: [`says ${said}`, `shows ${shown}`], participants: [] }
}

/** Runs in the page, so it uses nothing from outside and gives nothing inside a name. */
function readRoom(): RoomFacts {
  const navigation = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined
  const sections = [...document.querySelectorAll<HTMLElement>('[data-view]')].filter((section) => !section.hidden)
  return {
    said: document.body?.dataset.state ?? (navigation && navigation.responseStatus >= 400 ? 'missing' : ''),
    shown: sections.length === 1 ? (sections[0]?.dataset.view ?? null) : null,
    isRoom: document.getElementById('join') !== null,
    participants: [...document.querySelectorAll<HTMLElement>('#participants > li')].map((item) => ({
      nativeId: item.dataset.participantId ?? '',
      name: item.querySelector('[data-name]')?.textContent ?? '',
      isSelf: item.dataset.self === 'true',
      ...(item.dataset.email === undefined ? {} : { email: item.dataset.email }),
      ...(item.dataset.device === 'true' ? { isDevice: true } : {}),
    })),
  }
}
