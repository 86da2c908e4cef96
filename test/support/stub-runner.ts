import { type Clock, monotonicMs, systemClock } from '../../src/base/clock.ts'
import type { Runner } from '../../src/features/attendance/index.ts'
import type { Seat, SeatedParticipant, Sitting, SittingEvent } from '../../src/features/attendance/runners/runner.ts'
import type { BotEnd, BotHappening } from '../../src/features/bots/index.ts'
import { SILENCE } from '../../src/formats/opus/opus-packet.ts'
import { PACKET_MS } from '../../src/formats/opus/packet-length.ts'

const SOUND_MS = 200
/** A clock that is set further than this leaves a gap in the sound. */
const GAP_MS = 30_000
/** How often a bot looks at its clock before it joins. */
const LOOK_MS = 50

/** A runner without a browser: its bots are in rooms that only count. */
export interface StubRunner extends Runner {
  /** Who is in a room now, by bot. */
  present(url: string): string[]
  /** The most that ever were in a room at once. */
  peak(url: string): number
  /** Every time a bot came into a room, in order. */
  visits: { url: string; botId: string; joinAt: Date; cameAt: Date; leftAt?: Date; why?: string }[]
  /** Ends every process at once: the bots are out, and nobody tells. */
  crash(): void
  /** Set: no bot can be launched, for this reason. */
  failure: Error | undefined
  /** A link leads to a room of another name, as the platform says at its door. */
  lead(url: string, to: string): void
  /** Set: whoever is in the room ends the meeting. */
  endMeeting(url: string): void
  /** Somebody comes into a room, or is called otherwise; told at once to whoever of ours is there, and to whoever comes later. */
  come(url: string, guest: StubGuest): void
  /** Up to when the sound of a room was told, in milliseconds since 1970; undefined where none is. */
  soundUntil(url: string): number | undefined
  /** Somebody leaves it. */
  go(url: string, nativeId: string): void
}

/** Somebody in a room, as the platform tells. */
export interface StubGuest {
  nativeId: string
  name?: string | null
  email?: string
  isDevice?: boolean
  hasBotName?: boolean
  isAnotherBot?: boolean
}

/** What other processes are told of the rooms. */
export type RoomChange =
  | { what: 'came'; url: string; botId: string; joinAtMs: number; atMs: number }
  | { what: 'went'; botId: string }

interface Stay {
  sitting: Sitting
  isIn: boolean
  /** Up to when its sound was told, where it has any. */
  soundUntilMs: number | undefined
  leave(reason: BotEnd): void
  lose(): void
  end(): void
  see(change: 'joined' | 'renamed' | 'left', participant: SeatedParticipant): void
}

export function createStubRunner(
  options: { hasSound?: boolean; onChange?: (change: RoomChange) => void; clock?: Clock } = {},
): StubRunner {
  const { clock = systemClock } = options
  const now = () => clock.now()
  const stays = new Set<Stay>()
  const peaks = new Map<string, number>()
  const visits: StubRunner['visits'] = []
  /** By room, so that thousands cost no more each than a few. */
  const rooms = new Map<string, Set<Stay>>()
  const leads = new Map<string, string>()
  const guests = new Map<string, Map<string, SeatedParticipant>>()
  const guestsIn = (url: string) => guests.get(url) ?? new Map<string, SeatedParticipant>()
  const inRoom = (url: string) => [...(rooms.get(url) ?? [])]

  function sit(sitting: Sitting, onEvent: (event: SittingEvent) => void): Seat {
    const done = Promise.withResolvers<void>()
    const timers = new Set<NodeJS.Timeout>()
    let isOver = false
    let lease: NodeJS.Timeout | undefined
    let ordered: Sitting & { leadsTo?: string } = { ...sitting }
    let visit: StubRunner['visits'][number] | undefined
    const tell = (what: BotHappening) => onEvent({ type: 'moved', at: now(), ...what })
    const finish = (why: string, last: SittingEvent) => {
      if (isOver) return
      isOver = true
      for (const timer of timers) clearTimeout(timer)
      clearTimeout(lease)
      if (visit) Object.assign(visit, { leftAt: now(), why })
      stays.delete(stay)
      rooms.get(ordered.url)?.delete(stay)
      options.onChange?.({ what: 'went', botId: sitting.botId })
      onEvent(last)
      done.resolve()
    }
    const stay: Stay = {
      get sitting() {
        return ordered
      },
      isIn: false,
      soundUntilMs: undefined,
      leave(reason) {
        if (isOver) return
        tell({ event: 'leave_requested', end: reason })
        if (visit) Object.assign(visit, { leftAt: now(), why: reason })
        tell({ event: 'left_meeting' })
        finish(reason, { type: 'over', at: now() })
      },
      end() {
        if (isOver) return
        tell({ event: 'meeting_ended', end: 'meeting_ended' })
        finish('ended', { type: 'over', at: now() })
      },
      see: (change, participant) => onEvent({ type: 'participant', at: now(), change, participant }),
      lose: () => finish('lost', { type: 'lost', at: now(), reason: 'process_ended' }),
    }
    let soundMs = 0
    let joining: NodeJS.Timeout | undefined
    const ledTo = leads.get(sitting.url)
    if (ledTo !== undefined) queueMicrotask(() => onEvent({ type: 'led_to', at: now(), url: ledTo }))
    const join = () => {
      if (ledTo !== ordered.leadsTo) return
      ordered = { ...ordered, url: ledTo ?? ordered.url }
      tell({ event: 'join_requested' })
      stay.isIn = true
      rooms.set(ordered.url, (rooms.get(ordered.url) ?? new Set()).add(stay))
      visit = { url: ordered.url, botId: sitting.botId, joinAt: ordered.joinAt, cameAt: now() }
      visits.push(visit)
      const joinAtMs = ordered.joinAt.getTime()
      options.onChange?.({ what: 'came', url: ordered.url, botId: sitting.botId, joinAtMs, atMs: now().getTime() })
      peaks.set(ordered.url, Math.max(peaks.get(ordered.url) ?? 0, inRoom(ordered.url).length))
      tell({ event: 'joined_meeting' })
      const soundSince = now()
      onEvent({ type: 'recording_started', at: soundSince })
      for (const guest of guestsIn(ordered.url).values()) stay.see('joined', guest)
      if (!options.hasSound) return
      timers.add(
        setInterval(() => {
          const heardMs = now().getTime() - soundSince.getTime()
          if (heardMs - soundMs > GAP_MS) soundMs = Math.floor((heardMs - SOUND_MS) / PACKET_MS) * PACKET_MS
          const packets = Array.from({ length: Math.floor((heardMs - soundMs) / PACKET_MS) }, () => SILENCE)
          if (packets.length === 0) return
          const times = { startedMs: soundMs, durationMs: packets.length * PACKET_MS }
          onEvent({ type: 'audio', of: 'mix', nativeId: null, voice: null, ...times, packets, pcm: null })
          soundMs += times.durationMs
          stay.soundUntilMs = soundSince.getTime() + soundMs
        }, SOUND_MS),
      )
    }
    const plan = () => {
      clearTimeout(joining)
      const waitMs = Math.max(0, ordered.joinAt.getTime() - now().getTime())
      // A clock that is set tells nobody.
      const isSet = clock !== systemClock && waitMs > 0
      joining = setTimeout(isSet ? plan : join, isSet ? LOOK_MS : waitMs)
      timers.add(joining)
    }
    const confirmLease = (untilMs: number) => {
      clearTimeout(lease)
      if (!isOver) lease = setTimeout(() => stay.leave('lease_lost'), Math.max(0, untilMs - monotonicMs()))
    }
    stays.add(stay)
    plan()
    if (sitting.leaseUntilMs !== undefined) confirmLease(sitting.leaseUntilMs)
    return {
      leave: (reason) => stay.leave(reason),
      abandon: () => stay.leave('lease_lost'),
      confirmLease,
      update(change) {
        // Where it is it stays.
        ordered = stay.isIn ? { ...ordered, ...change, url: ordered.url } : { ...ordered, ...change }
        if (!stay.isIn && !isOver) plan()
      },
      done: done.promise,
    }
  }

  const runner: StubRunner = {
    failure: undefined,
    visits,
    async sit(sitting, onEvent) {
      if (runner.failure) throw runner.failure
      return sit({ ...sitting }, onEvent)
    },
    present: (url) => inRoom(url).map(({ sitting }) => sitting.botId),
    peak: (url) => peaks.get(url) ?? 0,
    crash() {
      for (const stay of [...stays]) stay.lose()
    },
    lead: (url, to) => void leads.set(url, to),
    endMeeting(url) {
      for (const stay of inRoom(url)) stay.end()
    },
    soundUntil: (url) => inRoom(url).map(({ soundUntilMs = 0 }) => soundUntilMs)[0],
    come(url, { nativeId, name = null, hasBotName = false, ...more }) {
      const isKnown = guestsIn(url).has(nativeId)
      const guest = { nativeId, name, hasBotName, ...more }
      guests.set(url, guestsIn(url).set(nativeId, guest))
      for (const stay of inRoom(url)) stay.see(isKnown ? 'renamed' : 'joined', guest)
    },
    go(url, nativeId) {
      const guest = guestsIn(url).get(nativeId)
      guestsIn(url).delete(nativeId)
      if (guest) for (const stay of inRoom(url)) stay.see('left', guest)
    },
    async [Symbol.asyncDispose]() {
      for (const stay of [...stays]) stay.leave('process_terminated')
    },
  }
  return runner
}
