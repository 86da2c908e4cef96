import { MINUTE_MS, SECOND_MS } from '../../../base/time.ts'
import {
  chooseHolder,
  type Holder,
  type HolderState,
  type KnownPerson,
  type Present,
  type RoomFacts,
} from '../../meetings/index.ts'
import type { SeatedParticipant, SittingEvent } from '../runners/runner.ts'

/** The next one has the room so long after the one before at the latest, where its organiser may say so. */
const GIVE_WAY_MS = 15 * MINUTE_MS
/** A room of which nobody was told for so long after the bot came in is empty. */
const FIRST_LOOK_MS = 5 * SECOND_MS
/** A room that cannot be read for so long is judged by what is known of it. */
const WAITS_AT_MOST_MS = 30 * SECOND_MS
/** What is known of a room is read again this often where several meetings want it, and where it is one's. */
const READ_AGAIN_MS = 5 * SECOND_MS
const READ_RARELY_MS = 30 * SECOND_MS
/** And this soon where it could not be read, and somebody waits for it. */
const TRY_AGAIN_MS = SECOND_MS / 2

/** Somebody in the room whom the directory or the platform vouches for. */
export interface RecognisedGuest extends KnownPerson {
  /** As features/people names persons. */
  person: string
}

/** What is read of a room and of the people there. */
export interface RoomReading {
  facts: RoomFacts
  /** Of the people there those who are recognised, by what the platform calls them. */
  people: ReadonlyMap<string, RecognisedGuest>
  /** At the first reading of a stay: since when they were seen in this room today, and which meeting had it last and was not over. */
  arrivals?: ReadonlyMap<string, number>
  /** While none of this seat is in the room: who is there by what another bot of ours tells; undefined where none is there. */
  elsewhere?: readonly Present[] | undefined
  lastHeld?: string | undefined
}

export interface RoomWatchDeps {
  now(): number
  read(present: readonly SeatedParticipant[], about: { isFirst: boolean; isIn: boolean }): Promise<RoomReading>
  failed(error: unknown): void
}

const SOMEBODY: Present = { person: undefined, sinceMs: 0 }

interface Guest {
  participant: SeatedParticipant
  sinceMs: number
  known: RecognisedGuest | undefined
}

/** Follows who is in a room and what the plan wants there, and says which meeting holds it. */
export class RoomWatch {
  readonly #deps: RoomWatchDeps
  readonly #guests = new Map<string, Guest>()
  #facts: RoomFacts | undefined
  #state: HolderState = {}
  #holder: Holder | undefined
  #lookedMs = Number.NEGATIVE_INFINITY
  /** Since when our bot is in the room, and whether it was told of anybody. */
  #inSinceMs: number | undefined
  #elsewhere: readonly Present[] | undefined
  #wasToldOf = false
  #isFirstReading = true
  /** Rises with whoever comes or gets a name; how far the last reading was. */
  #change = 0
  #readChange = 0
  #behindSinceMs: number | undefined
  /** When the change happened that has not been looked at. */
  #changedMs: number | undefined
  #reading: Promise<void> | undefined
  #readMs = Number.NEGATIVE_INFINITY
  #nextBorderMs: number | undefined
  #hasNews = false

  constructor(deps: RoomWatchDeps) {
    this.#deps = deps
  }

  /** Whether another bot of ours tells who is in the room. */
  get isToldOfPeople(): boolean {
    return (this.#elsewhere?.length ?? 0) > 0
  }

  /** Who holds the room as last looked at; undefined before that. */
  get holder(): Holder | undefined {
    return this.#holder
  }

  get facts(): RoomFacts | undefined {
    return this.#facts
  }

  /** Everybody in the room as last told, whether they count or not. */
  guests(): readonly { participant: SeatedParticipant; known: RecognisedGuest | undefined }[] {
    return [...this.#guests.values()]
  }

  /** Who holds the room over whom it may come back: to neither it is lost. */
  mayComeBack(meetingId: string): boolean {
    return this.#state.base === meetingId || this.#state.holder === meetingId
  }

  /** Another stay begins, or none: nobody of ours is in the room. */
  begin(): void {
    this.#guests.clear()
    this.#inSinceMs = undefined
    this.#wasToldOf = false
    this.#isFirstReading = true
    this.#holder = undefined
    this.#change += 1
    this.#behindSinceMs = this.#deps.now()
    this.#read()
  }

  /** Our bot came in, or is out. */
  see(isIn: boolean): void {
    if (!isIn) this.#inSinceMs = undefined
    else this.#inSinceMs ??= this.#deps.now()
  }

  /** Who somebody is, where recognised. */
  personOf(nativeId: string): string | undefined {
    return this.#guests.get(nativeId)?.known?.person
  }

  note({ change, participant, at }: Extract<SittingEvent, { type: 'participant' }>): void {
    this.#wasToldOf = true
    this.#hasNews = true
    this.#changedMs = Math.min(this.#changedMs ?? at.getTime(), at.getTime())
    const { nativeId } = participant
    const before = this.#guests.get(nativeId)
    if (change === 'left') {
      this.#guests.delete(nativeId)
      return
    }
    this.#guests.set(nativeId, { participant, sinceMs: before?.sinceMs ?? at.getTime(), known: before?.known })
    if (before?.participant.name === participant.name && before.participant.email === participant.email) return
    this.#change += 1
    this.#behindSinceMs ??= this.#deps.now()
    this.#read()
  }

  /** Whether somebody came of whom it is not known yet who they are: until it is, nothing of the room is anybody's. */
  isBehind(): boolean {
    return this.#behindSinceMs !== undefined && this.#deps.now() - this.#behindSinceMs < WAITS_AT_MOST_MS
  }

  /** Reads what is known of the room, unless that was done just now. */
  readAgain(): void {
    const calmMs = (this.#facts?.meetings.length ?? 0) > 1 ? READ_AGAIN_MS : READ_RARELY_MS
    const waitMs = this.#behindSinceMs === undefined ? calmMs : TRY_AGAIN_MS
    if (this.#deps.now() - this.#readMs >= waitMs) this.#read()
  }

  /** Another meeting's bot is here: what is known of the room is old. */
  grewOld(): void {
    this.#readMs = Number.NEGATIVE_INFINITY
  }

  /** Resolves when what is being read is there. Never rejects. */
  async ready(): Promise<void> {
    await this.#reading
  }

  /** What has changed since the last look, in order: who holds the room from when on. */
  look(): { holder: Holder; atMs: number }[] {
    if (!this.#facts) return []
    const nowMs = this.#deps.now()
    const changes: { holder: Holder; atMs: number }[] = []
    const choose = (atMs: number, sinceMs: number) => {
      const { state, holder } = chooseHolder(this.#state, {
        nowMs: atMs,
        meetings: this.#facts?.meetings ?? [],
        present: this.#present(atMs),
      })
      this.#state = state
      if (isSame(holder, this.#holder)) return
      this.#holder = holder
      changes.push({ holder, atMs: sinceMs })
    }
    for (const border of this.#bordersUntil(nowMs)) choose(border, border)
    choose(nowMs, Math.max(this.#changedMs ?? nowMs, changes.at(-1)?.atMs ?? 0))
    this.#lookedMs = nowMs
    this.#hasNews = false
    this.#nextBorderMs = undefined
    this.#changedMs = undefined
    return changes
  }

  #bordersUntil(nowMs: number): number[] {
    if (this.#lookedMs === Number.NEGATIVE_INFINITY) return []
    const times = (this.#facts?.meetings ?? []).flatMap(({ startsMs, endsMs }) => [startsMs, endsMs])
    const borders = [...times, ...times.map((ms) => ms + GIVE_WAY_MS)]
    return [...new Set(borders)].filter((ms) => this.#lookedMs < ms && ms < nowMs).toSorted((a, b) => a - b)
  }

  /** Whether something has changed since the last look: what is known, who is there, or a border of the meetings' times was crossed. */
  hasNews(): boolean {
    if (this.#hasNews) return true
    this.#nextBorderMs ??= this.#bordersUntil(Number.POSITIVE_INFINITY)[0] ?? Number.POSITIVE_INFINITY
    return this.#nextBorderMs <= this.#deps.now()
  }

  #present(nowMs: number): readonly Present[] | undefined {
    // Of whom nothing is told there is somebody, and nobody is known.
    if (this.#inSinceMs === undefined) return this.#elsewhere?.length === 0 ? [SOMEBODY] : this.#elsewhere
    if (!this.#wasToldOf && nowMs - this.#inSinceMs < FIRST_LOOK_MS) return undefined
    return [...this.#guests.values()]
      .filter(({ participant: { hasBotName, isAnotherBot, isDevice } }) => !(hasBotName || isAnotherBot || isDevice))
      .map(({ known, sinceMs }) => ({ person: known?.address, sinceMs }))
  }

  #read(): void {
    // One that is running does not know yet who came since: another follows it.
    this.#reading ??= this.#readOnce().then((wasRead) => {
      this.#reading = undefined
      if (wasRead && this.#readChange < this.#change) this.#read()
    })
  }

  async #readOnce(): Promise<boolean> {
    const change = this.#change
    const isFirst = this.#isFirstReading
    this.#readMs = this.#deps.now()
    try {
      const present = [...this.#guests.values()].map(({ participant }) => participant)
      const isIn = this.#inSinceMs !== undefined
      const { facts, people, arrivals, elsewhere, lastHeld } = await this.#deps.read(present, { isFirst, isIn })
      this.#facts = facts
      this.#hasNews = true
      this.#elsewhere = elsewhere
      for (const [nativeId, guest] of this.#guests) {
        const known = people.get(nativeId)
        if (known) guest.known = known
      }
      if (arrivals) this.#remember(arrivals, people)
      if (lastHeld !== undefined && this.#state.holder === undefined) this.#state = { holder: lastHeld, base: lastHeld }
      if (isFirst && present.length > 0) this.#isFirstReading = false
    } catch (error) {
      this.#deps.failed(error)
      return false
    }
    this.#readChange = change
    this.#nextBorderMs = undefined
    if (this.#readChange === this.#change) this.#behindSinceMs = undefined
    return true
  }

  /** Whoever was there before our bot came again was there before. */
  #remember(arrivals: ReadonlyMap<string, number>, people: ReadonlyMap<string, RecognisedGuest>): void {
    for (const [nativeId, guest] of this.#guests) {
      const sinceMs = arrivals.get(nativeId) ?? arrivals.get(people.get(nativeId)?.person ?? '')
      if (sinceMs !== undefined) guest.sinceMs = Math.min(guest.sinceMs, sinceMs)
    }
  }
}

function isSame(a: Holder, b: Holder | undefined): boolean {
  if (typeof a === 'string' || typeof b === 'string' || b === undefined) return a === b
  return a.id === b.id
}
