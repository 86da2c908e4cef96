import type { Clock } from '../src/base/clock.ts'
import type { FoundBrowser } from '../src/platform/browser/index.ts'
import { agendaUid } from './agenda.ts'
import { amara, juergen, tomasz } from './organisation.ts'
import type { Cast } from './room/people/cast.ts'
import { type People, startPeople } from './room/people/start-people.ts'
import type { Sandbox } from './start-sandbox.ts'
import { clips } from './voices/clips.ts'

/** The people who speak at the stand-up, each with the voice that is theirs. */
const speakers = [
  { name: amara.name, voice: 'slt' },
  { name: juergen.name, voice: 'rms' },
  { name: tomasz.name, voice: 'kal16' },
]
const PAUSE_MS = 1_500

/** The stand-up: everybody says what they have to say in turn, and leaves. */
function standUpCast(): Cast {
  const turns = clips
    .filter((clip) => speakers.some(({ voice }) => voice === clip.voice))
    .toSorted((a, b) => orderOf(a.name) - orderOf(b.name))
  let atMs = 6_000
  const spoken = turns.map((clip) => {
    const turn = { clip: clip.name, voice: clip.voice, atMs }
    atMs += clip.durationMs + PAUSE_MS
    return turn
  })
  return speakers.map(({ name, voice }, i) => ({
    name,
    joinsAtMs: i * 1_000,
    says: spoken.filter((turn) => turn.voice === voice).map((turn) => ({ clip: turn.clip, atMs: turn.atMs })),
    leavesAtMs: atMs + 2_000 + i * 1_000,
  }))
}

/** An opening comes first, a closing last, and the others as they are listed. */
function orderOf(name: string): number {
  if (name.endsWith('opening')) return -1
  if (name.endsWith('closing')) return 1
  return 0
}

export interface Scene extends AsyncDisposable {
  /** Resolves when the people have come; rejects where they cannot. */
  begun: Promise<void>
}

/** Sends people into the room of the stand-up at its start. */
export function playStandUp(
  sandbox: Pick<Sandbox, 'origin' | 'calendars' | 'startedAt'>,
  options: { clock: Clock; program: FoundBrowser },
): Scene {
  const uid = agendaUid(sandbox, 'stand-up')
  const invitation = sandbox.calendars.of(amara.email).find((one) => one.uid === uid)
  const startsAt = invitation && 'startsAt' in invitation.when ? invitation.when.startsAt : undefined
  let people: People | undefined
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const begun = new Promise<void>((resolve, reject) => {
    if (!startsAt) return reject(new Error('There is no stand-up'))
    timer = setTimeout(
      () => {
        startPeople({
          origin: sandbox.origin,
          room: 'stand-up',
          cast: standUpCast(),
          program: options.program,
        })
          .then(async (started) => {
            people = started
            started.finished.catch(() => {})
            if (isOver) await started[Symbol.asyncDispose]()
          })
          .then(resolve, reject)
      },
      Math.max(0, startsAt.getTime() - options.clock.now().getTime()),
    )
  })
  return {
    begun,
    async [Symbol.asyncDispose]() {
      isOver = true
      clearTimeout(timer)
      await people?.[Symbol.asyncDispose]()
    },
  }
}
