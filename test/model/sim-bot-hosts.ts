import type { Runner } from '../../src/features/attendance/index.ts'
import type { LostReason, Seat, Sitting, SittingEvent } from '../../src/features/attendance/runners/runner.ts'
import type { BotEnd, BotHappening } from '../../src/features/bots/index.ts'
import { SILENCE } from '../../src/formats/opus/opus-packet.ts'
import { PACKET_MS } from '../../src/formats/opus/packet-length.ts'
import type { Random } from '../support/random.ts'
import type { CrashGate } from './crash-gate.ts'
import type { SimRooms } from './sim-rooms.ts'
import type { SimTime } from './sim-time.ts'

const WORD_MS = 1_000
const QUIET_MS = 3_000
const ALONE_MS = 60_000
/** Loud enough to be speech without a model that knows better. */
const VOICE = Int16Array.from({ length: 16 * WORD_MS }, (_, i) => (i % 40 < 20 ? 9_000 : -9_000))

export interface SimBotHostDeps {
  time: SimTime
  rooms: SimRooms
  random: Random
  /** Of the worker whose children these are. */
  gate: CrashGate
}

interface SimSeat {
  sitting: Sitting
  isOver: boolean
  isIn: boolean
  leave(reason: BotEnd): void
  lose(reason: LostReason): void
}

/** Stands for the browsers of one worker: bots that knock, wait, sit and leave by the simulated time, in processes of their own. */
export function createSimBotHosts({ time, rooms, random, gate }: SimBotHostDeps) {
  const seats = new Set<SimSeat>()

  function sit(sitting: Sitting, onEvent: (event: SittingEvent) => void): Seat {
    const done = Promise.withResolvers<void>()
    const roomKey = `sandbox:${sitting.url}`
    let exit: (() => void) | undefined
    let takeBack: (() => void)[] = []
    let joinAtMs = sitting.joinAt.getTime()
    let askedToLeave = false
    let untold: SittingEvent[] = []

    // Over the channel to the worker: in order, and only while it listens.
    const tell = (event: SittingEvent) => {
      untold.push(event)
      flush()
    }
    const flush = () => {
      if (gate.state === 'paused') return void takeBack.push(time.after(500, flush))
      if (gate.state === 'dead') return
      const events = untold
      untold = []
      for (const event of events) {
        onEvent(event)
        if (event.type === 'over' || event.type === 'lost') done.resolve()
      }
    }
    const moved = (what: BotHappening) => tell({ type: 'moved', at: time.clock.now(), ...what })
    const after = (ms: number, work: () => void) => {
      takeBack.push(
        time.after(ms, () => {
          if (!seat.isOver) work()
        }),
      )
    }
    const goOut = () => {
      seat.isOver = true
      seat.isIn = false
      seats.delete(seat)
      exit?.()
      for (const cancel of takeBack) cancel()
      takeBack = []
    }
    const end = (what: BotHappening) => {
      goOut()
      moved(what)
      tell({ type: 'over', at: time.clock.now() })
    }
    const seat: SimSeat = {
      sitting,
      isOver: false,
      isIn: false,
      leave(reason) {
        if (seat.isOver || askedToLeave) return
        askedToLeave = true
        moved({ event: 'leave_requested', end: reason })
        after(random.between(50, 900), () => end({ event: 'left_meeting' }))
      },
      lose(reason) {
        if (seat.isOver) return
        goOut()
        tell({ type: 'lost', at: time.clock.now(), reason })
      },
    }
    seats.add(seat)

    const enter = () => {
      if (askedToLeave) return
      seat.isIn = true
      const leave = rooms.enter({ botId: sitting.botId, roomKey, runner: 'browser' })
      moved({ event: 'joined_meeting' })
      tell({ type: 'recording_started', at: time.clock.now() })
      const enteredMs = time.nowMs()
      const stop = rooms.listen(roomKey, {
        sees(change, participant) {
          if (change === 'left' && rooms.isEmpty(roomKey)) aloneSinceMs = time.nowMs()
          if (change === 'joined') aloneSinceMs = undefined
          tell({ type: 'participant', at: time.clock.now(), change, participant })
        },
        hears: (nativeId) => hear(nativeId, time.nowMs() - enteredMs),
      })
      exit = () => {
        stop()
        leave()
      }
    }
    const hear = (nativeId: string, startedMs: number) => {
      const packets = (durationMs: number) => Array.from({ length: durationMs / PACKET_MS }, () => SILENCE)
      const mix = (fromMs: number, durationMs: number) =>
        tell({
          ...{ type: 'audio', of: 'mix', nativeId: null, voice: null, startedMs: fromMs, durationMs },
          ...{ packets: packets(durationMs), pcm: null },
        } as const)
      const voice = { nativeId, voice: nativeId, startedMs, durationMs: WORD_MS, packets: packets(WORD_MS), pcm: VOICE }
      mix(startedMs, WORD_MS)
      tell({ type: 'audio', of: 'voice', ...voice })
      // Nothing more is said, so that it becomes an utterance.
      after(QUIET_MS, () => mix(startedMs + QUIET_MS, PACKET_MS))
    }
    const knock = () => {
      const waitMs = joinAtMs - time.nowMs()
      if (waitMs > 0) return after(waitMs, knock)
      if (askedToLeave) return
      moved({ event: 'join_requested' })
      after(random.between(200, 3_000), () => {
        const door = rooms.doorOf(roomKey)
        if (askedToLeave) return
        if (door === 'open') return enter()
        if (door === 'denies') return end({ event: 'could_not_join_meeting', end: 'request_to_join_denied' })
        moved({ event: 'put_in_waiting_room' })
        if (door === 'lobby') return after(random.between(1_000, 60_000), enter)
        after(sitting.limits.lobbyMs, () =>
          end({ event: 'could_not_join_meeting', end: 'waiting_room_timeout_exceeded' }),
        )
      })
    }
    let endsAtMs = sitting.endsAt.getTime()
    let stayUntilMs = 0
    let aloneSinceMs: number | undefined
    const homeAtMs = () => {
      if (!rooms.arePeopled) return endsAtMs + 90_000
      if (!rooms.isEmpty(roomKey)) return Number.POSITIVE_INFINITY
      return aloneSinceMs === undefined ? endsAtMs : aloneSinceMs + ALONE_MS
    }
    // People go home some minutes after the end, and the bot with them.
    const goHome = () => {
      const leftMs = Math.max(homeAtMs(), stayUntilMs) - time.nowMs()
      if (leftMs > 0) return after(Math.min(leftMs, rooms.arePeopled ? 10_000 : 60_000), goHome)
      if (!seat.isIn) return end({ event: 'could_not_join_meeting', end: 'unable_to_connect_to_meeting' })
      end({ event: 'meeting_ended', end: 'meeting_ended' })
    }
    let cancelLease = () => {}
    after(random.between(100, 2_000), knock)
    after(1_000, goHome)
    const confirmLease = (untilMs: number) => {
      cancelLease()
      cancelLease = time.after(untilMs - time.nowMs(), () => seat.leave('lease_lost'))
    }
    if (sitting.leaseUntilMs !== undefined) confirmLease(sitting.leaseUntilMs)
    return {
      done: done.promise,
      leave: (reason) => seat.leave(reason),
      update(change) {
        if (change.joinAt) joinAtMs = change.joinAt.getTime()
        if (change.endsAt) endsAtMs = change.endsAt.getTime()
        if (change.stayUntil) stayUntilMs = change.stayUntil.getTime()
      },
      abandon: () => seat.leave('lease_lost'),
      confirmLease,
    }
  }

  const runner: Runner = {
    async sit(sitting, onEvent) {
      await gate.pass()
      return sit(sitting, onEvent)
    },
    async [Symbol.asyncDispose]() {},
  }
  return {
    runner,
    seats: () => [...seats],
    /** The browser crashes, or its process is killed. */
    crash(reason: LostReason) {
      for (const seat of [...seats]) seat.lose(reason)
    },
    /** The worker is gone: the channel closes, and the bots leave in their own time. */
    orphan() {
      for (const seat of [...seats]) time.after(random.between(10, 900), () => seat.lose('process_ended'))
    },
  }
}
