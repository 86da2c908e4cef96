import { AppError } from '../../../../base/errors.ts'
import { createTurns } from '../../../../base/take-turns.ts'
import type { TranscriptFeed } from '../../../../features/transcripts/index.ts'
import type { WebDeps } from '../../web-deps.ts'
import { type LiveView, readLiveView } from './live-view.tsx'

/** More of one transcript are not a person's pages. */
const MAX_OF_READER_AND_MEETING = 6
const MAX_OF_READER = 30
/** Questions to the database at a time that are asked for streams, so that pages always find a connection. */
const AT_ONCE = 2
/** Readers who wait to be let in. A page that is refused tries again. */
const MAX_KNOCKING = 500

/** One reader's place at a live transcript. */
export interface LiveSeat extends Disposable {
  /** The transcript after the last change, or after `beatMs` without any; undefined once there is nothing more to wait for. */
  next(): Promise<{ view: LiveView; isQuiet: boolean } | undefined>
  /** Asks the database in this process's turn for streams. */
  ask<T>(question: () => Promise<T>): Promise<T>
}

/** Somebody who asks for a live transcript, of whom nothing is known yet. Disposed of, it is over; a seat that it became stays. */
export interface LiveKnock extends Disposable {
  /** Asks the database in this process's turn for streams. */
  ask<T>(question: () => Promise<T>): Promise<T>
  /** Throws `transcript_followed_enough` where this reader follows too much already. */
  join(meetingId: string, readerKey: string): LiveSeat
}

/** All live transcripts that this process sends: however many read one, it is read once for all of them at each change. */
export interface LiveTranscripts {
  /**
   * `proof` is a transcript and what is shown to read it. Throws `transcript_followed_enough` where too many are open or knock with the same, or
   * too many wait at all, without a question to the database.
   */
  knock(proof: string): LiveKnock
}

type LiveDeps = Pick<WebDeps, 'db' | 'clock' | 'knownPeople' | 'transcripts'>

export function createLiveTranscripts(deps: LiveDeps): LiveTranscripts {
  const ask = createTurns(AT_ONCE)
  const open = new Map<string, LiveTranscript>()
  const places = createPlaces()

  const sit = (meetingId: string, leave: () => void): LiveSeat => {
    const known = open.get(meetingId)
    const live = known && !known.isClosed ? known : new LiveTranscript(deps, meetingId, ask)
    open.set(meetingId, live)
    const seat = live.join(deps.transcripts.beatMs)
    let isLeft = false
    return {
      next: seat.next,
      ask,
      [Symbol.dispose]() {
        if (isLeft) return
        isLeft = true
        leave()
        seat.leave()
        if (live.isEmpty && open.get(meetingId) === live) open.delete(meetingId)
        if (live.isEmpty) live[Symbol.dispose]()
      },
    }
  }

  return {
    knock(proof) {
      const name = `proof ${proof}`
      const end = places.take({ knocking: MAX_KNOCKING, [name]: MAX_OF_READER_AND_MEETING })
      return {
        ask,
        join(meetingId, readerKey) {
          const reader = `reader ${readerKey}`
          const leave = places.take({
            [reader]: MAX_OF_READER,
            [`${reader} ${meetingId}`]: MAX_OF_READER_AND_MEETING,
            // Instead of the knock's.
            [name]: Number.POSITIVE_INFINITY,
          })
          return sit(meetingId, leave)
        },
        [Symbol.dispose]: end,
      }
    },
  }
}

/** Counts what is held under some names, each with its limit. */
function createPlaces(): { take(limits: Readonly<Record<string, number>>): () => void } {
  const counts = new Map<string, number>()
  const count = (names: readonly string[], by: number) => {
    for (const name of names) {
      const left = (counts.get(name) ?? 0) + by
      if (left > 0) counts.set(name, left)
      else counts.delete(name)
    }
  }
  return {
    take(limits) {
      if (Object.entries(limits).some(([name, limit]) => (counts.get(name) ?? 0) >= limit)) throw followedEnough()
      let names = Object.keys(limits)
      count(names, 1)
      return () => {
        count(names, -1)
        names = []
      }
    },
  }
}

function followedEnough(): AppError {
  return new AppError(
    'transcript_followed_enough',
    'This transcript is open live on too many of your pages. Close some of them, or reload this one to see what was said since.',
    { retry: 'later', retryAfterMs: 60_000 },
  )
}

interface Reading {
  /** How many changes had been told when it began, and when that was. */
  news: number
  atMs: number
  view: Promise<LiveView>
  isDone: boolean
}

/** What the streams of one meeting share: one watch, and one reading at a time. */
class LiveTranscript implements Disposable {
  isClosed = false
  readonly #deps: LiveDeps
  readonly #meetingId: string
  readonly #ask: LiveSeat['ask']
  readonly #watch: ReturnType<TranscriptFeed['watch']>
  readonly #wakes = new Set<() => void>()
  #seats = 0
  #news = 1
  #reading: Reading | undefined

  constructor(deps: LiveDeps, meetingId: string, ask: LiveSeat['ask']) {
    this.#deps = deps
    this.#meetingId = meetingId
    this.#ask = ask
    this.#watch = deps.transcripts.feed.watch(meetingId)
    void this.#listen(deps.transcripts.beatMs)
  }

  get isEmpty(): boolean {
    return this.#seats === 0
  }

  join(beatMs: number): { next: LiveSeat['next']; leave(): void } {
    this.#seats += 1
    let seen = 0
    let hasLeft = false
    let wake: (() => void) | undefined
    return {
      next: async () => {
        if (seen === this.#news && !hasLeft && !this.isClosed) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, beatMs)
            wake = () => {
              clearTimeout(timer)
              resolve()
            }
            this.#wakes.add(wake)
          })
          if (wake) this.#wakes.delete(wake)
        }
        if (hasLeft || this.isClosed) return undefined
        const isQuiet = seen === this.#news
        seen = this.#news
        // Without news it is the reader's right that may have changed.
        return { view: await this.#view(isQuiet ? performance.now() - beatMs / 4 : 0), isQuiet }
      },
      leave: () => {
        hasLeft = true
        this.#seats -= 1
        wake?.()
      },
    }
  }

  [Symbol.dispose](): void {
    this.isClosed = true
    this.#watch[Symbol.dispose]()
  }

  async #listen(beatMs: number): Promise<void> {
    for (;;) {
      const next = await this.#watch.next(beatMs)
      if (next === 'closed') this.isClosed = true
      if (next === 'changed') this.#news += 1
      if (next !== 'quiet') for (const wake of this.#wakes) wake()
      if (this.isClosed) return
    }
  }

  /** A view that was read after the last news, and not before an instant. */
  async #view(notBeforeMs: number): Promise<LiveView> {
    for (;;) {
      const last = this.#reading
      if (last && last.news === this.#news && last.atMs >= notBeforeMs) return last.view
      if (last && !last.isDone) await last.view.catch(() => {})
      else this.#reading = this.#read()
    }
  }

  #read(): Reading {
    const view = this.#ask(() => readLiveView(this.#deps, this.#meetingId))
    const reading: Reading = { news: this.#news, atMs: performance.now(), view, isDone: false }
    const end = () => {
      reading.isDone = true
    }
    view.then(end, (_error: unknown) => {
      end()
      // Whoever comes next tries again.
      if (this.#reading === reading) this.#reading = undefined
    })
    return reading
  }
}
