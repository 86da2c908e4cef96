import { setTimeout as wait } from 'node:timers/promises'
import { Resources } from '../../../src/base/resources.ts'
import type { FoundBrowser } from '../../../src/platform/browser/index.ts'
import { createChanges } from '../changes.ts'
import { type Action, actionsOf, type Cast, type CastMember } from './cast.ts'
import { type Browser, openBrowser, type Page } from './open-browser.ts'
import { bringToDoor, type Person } from './person.ts'

/** Pages take time to open: whoever joins within this time is at the door before the scene begins, everybody else this much ahead. */
const LEAD_MS = 5_000

interface PeopleOptions {
  /** The sandbox's. */
  origin: string
  /** The room's name. */
  room: string
  cast: Cast
  /** A browser to share, which stays open; by default one is opened, and closed with the people. */
  browser?: Browser
  /** Which browser to open; by default an installed one. */
  program?: FoundBrowser
}

/** Something that a person did. */
interface Deed {
  name: string
  /** `missed`: the person was not in the meeting when it was due. */
  did: 'join' | 'missed' | Action['kind']
  clip?: string
  /** From the start of the scene, when it began to be done. */
  atMs: number
}

/** People who play their parts until they are disposed of. */
export interface People extends AsyncDisposable {
  /** When the scene began: time zero of the cast. */
  startedAt: Date
  readonly deeds: readonly Deed[]
  /** The newest page that was opened under this name of the cast. */
  pageOf(name: string): Page | undefined
  /** Resolves when everybody's part is over; those who do not leave stay until disposed of. Rejects when a page broke down. */
  finished: Promise<void>
  /** Resolves when it holds, asked anew after each deed. */
  until(holds: (deeds: readonly Deed[]) => boolean): Promise<void>
}

/** Sends a cast into a room, each person in a page of their own. Resolves when those who come first are at the door. */
export async function startPeople(options: PeopleOptions): Promise<People> {
  const { origin, room, cast, browser: given, program } = options
  const parts = cast.map((member) => ({ member, actions: actionsOf(member) }))
  await using resources = new Resources()
  const browser = given ?? resources.use(await openBrowser(program)).browser
  // Without this leave the browser hides its addresses behind names that need multicast DNS (Chromium 156, tried 2026-11-22).
  const context = await browser.newContext({ permissions: ['microphone'] })
  resources.defer(() => context.close())
  const stop = new AbortController()
  resources.defer(() => stop.abort())

  const deeds: Deed[] = []
  const changes = createChanges()
  const pages = new Map<string, Page>()
  const bring = async (member: CastMember) => {
    const person = await bringToDoor(context, `${origin}/rooms/${encodeURIComponent(room)}`, member)
    pages.set(member.name, person.page)
    return person
  }
  const early = new Map<CastMember, Person>()
  for (const { member } of parts) if ((member.joinsAtMs ?? 0) <= LEAD_MS) early.set(member, await bring(member))

  const startedAt = new Date()
  const zero = performance.now()
  const elapsed = () => Math.round(performance.now() - zero)
  const waitUntil = (atMs: number) => wait(Math.max(0, atMs - elapsed()), undefined, { signal: stop.signal })
  const note = (deed: Deed) => {
    deeds.push(deed)
    changes.happened()
  }

  async function play({ member, actions }: (typeof parts)[number]): Promise<void> {
    const { name, joinsAtMs = 0 } = member
    if (!early.has(member)) await waitUntil(joinsAtMs - LEAD_MS)
    const person = early.get(member) ?? (await bring(member))
    await waitUntil(joinsAtMs)
    await person.join()
    note({ name, did: 'join', atMs: elapsed() })
    // A sentence takes its time, and somebody may go in the middle of it.
    const isSentence = ({ kind }: Action) => kind === 'say'
    const going = new AbortController()
    const doAll = async (some: Action[]) => {
      for (const action of some) {
        await waitUntil(action.atMs)
        if (!going.signal.aborted) await perform(person, member, action, going)
      }
    }
    await Promise.all([doAll(actions.filter(isSentence)), doAll(actions.filter((action) => !isSentence(action)))])
  }

  async function perform(person: Person, { name }: CastMember, action: Action, going: AbortController): Promise<void> {
    const { kind } = action
    if (kind === 'leave' || kind === 'drop_out') going.abort()
    const isThere = going.signal.aborted || (await person.isInMeeting())
    const clip = kind === 'say' ? { clip: action.clip } : {}
    note({ name, did: isThere ? kind : 'missed', ...clip, atMs: elapsed() })
    if (!isThere) return
    await person.act(action).catch((error: unknown) => {
      if (kind !== 'say' || !going.signal.aborted) throw error
    })
  }

  const finished = Promise.all(parts.map(play)).then(
    () => {},
    (error: unknown) => {
      if (!stop.signal.aborted) throw error
    },
  )
  // Whoever never asks for it must not be ended by it.
  finished.catch(() => {})
  const owned = resources.move()
  return {
    startedAt,
    deeds,
    pageOf: (name) => pages.get(name),
    finished,
    until: (holds) => changes.until(() => holds(deeds)),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}
