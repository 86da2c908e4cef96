import { AppError } from '../../src/base/errors.ts'
import type { Runner } from '../../src/features/attendance/index.ts'
import type { Seat, Sitting, SittingEvent } from '../../src/features/attendance/runners/runner.ts'
import type { BotEnd, BotHappening } from '../../src/features/bots/index.ts'
import type { Random } from '../support/random.ts'
import type { CrashGate } from './crash-gate.ts'
import type { SimRooms } from './sim-rooms.ts'
import type { SimTime } from './sim-time.ts'

/** A bot at the server. It lives on whatever becomes of the worker that ordered it. */
interface Remote {
  /** What happened to it, for whoever follows it later. */
  history: BotHappening[]
  isOver: boolean
  follow: (what: BotHappening) => void
  /** When its meeting ends as far as was heard; people go a while later. */
  endsAtMs: number
  leave(reason: BotEnd): void
}

/** Stands for an Attendee server that all workers share: its bots survive them, and it is down at times. */
export function createSimAttendee({ time, rooms, random }: { time: SimTime; rooms: SimRooms; random: Random }) {
  const remotes = new Map<string, Remote>()
  let isDown = false

  function create(sitting: Sitting): Remote {
    let exit: (() => void) | undefined
    let isLeaving = false
    const roomKey = `jitsi:${sitting.url.replace('https://', '')}`
    const tell = (what: BotHappening) => {
      remote.history.push(what)
      remote.follow(what)
    }
    const end = (what: BotHappening) => {
      if (remote.isOver) return
      remote.isOver = true
      exit?.()
      tell(what)
    }
    const remote: Remote = {
      history: [],
      isOver: false,
      follow: () => {},
      endsAtMs: sitting.endsAt.getTime(),
      leave(reason) {
        if (remote.isOver || isLeaving) return
        isLeaving = true
        tell({ event: 'leave_requested', end: reason })
        time.after(random.between(500, 3_000), () => end({ event: 'left_meeting' }))
      },
    }
    const joinMs = Math.max(0, sitting.joinAt.getTime() - time.nowMs()) + random.between(500, 3_000)
    time.after(joinMs, () => {
      if (remote.isOver || isLeaving) return
      tell({ event: 'join_requested' })
      if (rooms.doorOf(roomKey) === 'denies')
        return end({ event: 'could_not_join_meeting', end: 'request_to_join_denied' })
      exit = rooms.enter({ botId: sitting.botId, roomKey, runner: 'attendee' })
      tell({ event: 'joined_meeting' })
    })
    const waitForEnd = () => {
      const leftMs = remote.endsAtMs + 90_000 - time.nowMs()
      if (remote.isOver) return
      if (leftMs > 0) return void time.after(Math.min(leftMs, 60_000), waitForEnd)
      end(
        exit
          ? { event: 'meeting_ended', end: 'meeting_ended' }
          : { event: 'could_not_join_meeting', end: 'failed_unexplained' },
      )
    }
    waitForEnd()
    return remote
  }

  return {
    setDown: (down: boolean) => {
      isDown = down
    },
    /** The server loses a bot: it leaves, and whoever follows it hears that it is gone. */
    forgetOne() {
      const live = [...remotes.values()].filter(({ isOver }) => !isOver)
      if (live.length > 0) random.pick(live).leave('auto_leave_max_uptime_exceeded')
    },
    createRunner(gate: CrashGate): Runner {
      return {
        async sit(sitting, onEvent) {
          await gate.pass()
          const known = remotes.get(sitting.botId)
          // A bot that was ordered before is followed with patience.
          if (isDown && !known)
            throw new AppError('attendee_unreachable', 'The Attendee server does not answer.', { retry: 'later' })
          const remote = known ?? create(sitting)
          remotes.set(sitting.botId, remote)
          return follow(remote, gate, onEvent)
        },
        async [Symbol.asyncDispose]() {},
      }
    },
  }

  function follow(remote: Remote, gate: CrashGate, onEvent: (event: SittingEvent) => void): Seat {
    const done = Promise.withResolvers<void>()
    let isLetGo = false
    const hear = (what: BotHappening) => {
      if (isLetGo || gate.state === 'dead') return
      // Asked again and again: an answer that does not come is asked for later.
      if (gate.state !== 'open' || isDown) return void time.after(2_000, () => hear(what))
      onEvent({ type: 'moved', at: time.clock.now(), ...what })
      if (!remote.isOver || what.event === 'leave_requested') return
      onEvent({ type: 'over', at: time.clock.now() })
      done.resolve()
    }
    const past = [...remote.history]
    remote.follow = hear
    time.after(200, () => {
      for (const what of past) hear(what)
    })
    return {
      done: done.promise,
      leave: (reason) => remote.leave(reason),
      update(change) {
        if (change.endsAt) remote.endsAtMs = change.endsAt.getTime()
      },
      confirmLease() {},
      abandon() {
        isLetGo = true
        done.resolve()
      },
    }
  }
}
