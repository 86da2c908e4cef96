import { setTimeout as wait } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { type Clock, monotonicMs } from '../../../../../base/clock.ts'
import type { BotEnd } from '../../../../bots/index.ts'
import { platformAdapters } from '../../../platforms/registry.ts'
import type { SeatChange, SittingEvent } from '../../runner.ts'
import { openRoomPage } from '../browser-room-page.ts'
import { endingOfFailure, type SittingWishes, sitInMeeting } from '../life/sit-in-meeting.ts'
import type { HostEvent, HostSitting, ToHost } from './messages.ts'

type SitOrder = Omit<Extract<ToHost, { type: 'sit' }>, 'type'>

interface HostSeat {
  wishes: SittingWishes
  /** Makes the bot look at its wishes now. */
  wake(): void
  lease: NodeJS.Timeout | undefined
  /** Closes the bot's page, whatever it is doing. */
  expel: (() => void) | undefined
  done: Promise<void>
}

/** A bot that lost its lease and is not out by then has its page closed: two seconds later somebody else may come. */
const EXPEL_MS = 1_000
/** How long that may take before the browser is ended instead. */
const EXPELLED_MS = 750

interface HostSeatsDeps {
  tell(seat: number, event: HostEvent): void
  /** A bot's page cannot be closed, so the bot may still be in its room: the browser has to go, and everybody in it. */
  expelAll(): void
}

/** The bots of this host, by the numbers their worker gave them. Orders for a seat that is over do nothing. */
export function createHostSeats(deps: HostSeatsDeps) {
  const seats = new Map<number, HostSeat>()

  function leave(number: number, reason: BotEnd): void {
    const seat = seats.get(number)
    if (!seat) return
    seat.wishes.leave ??= reason
    seat.wake()
  }

  function sit({ seat: number, sitting, aheadMs }: SitOrder, browser: Browser): void {
    const clock = { now: () => new Date(monotonicMs() + aheadMs) }
    let awake = new AbortController()
    const seat: HostSeat = {
      wishes: { leave: undefined, joinAt: sitting.joinAt, endsAt: sitting.endsAt, url: sitting.url },
      wake() {
        awake.abort()
        awake = new AbortController()
      },
      lease: undefined,
      expel: undefined,
      done: Promise.resolve(),
    }
    const tell = (event: HostEvent) => deps.tell(number, event)
    const pause = (ms: number) => wait(ms, undefined, { signal: awake.signal }).catch(() => {})
    seats.set(number, seat)
    if (sitting.leaseUntilMs !== undefined) confirmLease(number, sitting.leaseUntilMs)
    seat.done = attend({ clock, tell, pause, expelAll: deps.expelAll }, sitting, seat, browser).finally(() => {
      clearTimeout(seat.lease)
      seats.delete(number)
    })
  }

  function confirmLease(number: number, untilMs: number): void {
    const seat = seats.get(number)
    if (!seat) return
    clearTimeout(seat.lease)
    const lose = () => {
      leave(number, 'lease_lost')
      seat.lease = setTimeout(() => seat.expel?.(), EXPEL_MS)
    }
    // A confirmation may have waited in the channel for longer than it was good for.
    seat.lease = setTimeout(lose, Math.max(0, untilMs - monotonicMs()))
  }

  return {
    sit,
    leave,
    confirmLease,
    update(number: number, change: SeatChange) {
      const seat = seats.get(number)
      if (!seat) return
      Object.assign(seat.wishes, change)
      seat.wake()
    },
    /** Resolves when all are out, or when the time is up. */
    async leaveAll(reason: BotEnd, withinMs: number) {
      for (const number of seats.keys()) leave(number, reason)
      const late = new AbortController()
      await Promise.race([
        Promise.all([...seats.values()].map(({ done }) => done)),
        wait(withinMs, undefined, { signal: late.signal }).catch(() => {}),
      ])
      late.abort()
    },
  }
}

async function attend(
  deps: {
    clock: Clock
    tell: (event: HostEvent) => void
    pause: (ms: number) => Promise<void>
    expelAll: () => void
  },
  sitting: HostSitting,
  seat: HostSeat,
  browser: Browser,
): Promise<void> {
  const { clock, tell, pause, expelAll } = deps
  const emit = (event: SittingEvent) => {
    if (event.type !== 'lost') tell(event)
  }
  const adapter = platformAdapters[sitting.platform]
  const room = await openRoomPage({ browser, adapter, clock, sitting, onAudio: emit }).catch((error: unknown) => {
    emit({ type: 'moved', at: clock.now(), ...endingOfFailure(error, false) })
  })
  if (room) {
    seat.expel = () => void room.close(EXPELLED_MS).catch(expelAll)
    await sitInMeeting({ room, clock, pause, emit }, sitting, seat.wishes)
    await room.close().catch(expelAll)
  }
  tell({ type: 'over', at: clock.now() })
}
