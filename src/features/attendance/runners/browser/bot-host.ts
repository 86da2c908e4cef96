import { fork } from 'node:child_process'
import { type Clock, monotonicMs, systemClock } from '../../../../base/clock.ts'
import { AppError } from '../../../../base/errors.ts'
import { endProcessGroup } from '../../../../platform/browser/index.ts'
import type { LostReason, Seat, SittingEvent } from '../runner.ts'
import { type FromHost, fromHostSchema, type HostSitting, type ToHost } from './host/messages.ts'

/** Ticks without a sign of life after which a host is given up; it gives one every two seconds, as long as its browser answers. */
const SILENT_TICKS = 5
/** After so many it may only be slow, but is sent nobody else. */
const DOUBTFUL_TICKS = 3
/** The same before its first word: where many start at once, each takes its time. */
const STARTING_TICKS = 30
const TICK_MS = 2_000
const CLOSE_MS = 10_000

export interface BotHostOptions {
  /** The script of the process. */
  script: string
  browser: {
    configuredPath?: string | undefined
    dataDir?: string | undefined
    /** Named on the command lines of the process and its browser, by which others tell whether anything of a worker is left. */
    owner?: string
  }
  /** The time as the bots are to have it, whatever this machine's clock says. */
  clock?: Clock
  /** What an administrator may want to know about the browser. */
  onNote: (message: string) => void
}

/** A child process with one browser, from the side of its worker. */
export interface BotHost {
  readonly pid: number
  readonly version: string
  readonly isSandboxed: boolean
  /** It has given a sign of life within the last seconds. */
  isAnswering(): boolean
  sit(sitting: HostSitting, onEvent: (event: SittingEvent) => void): Seat
  /** Lets its bots leave and ends it; resolves when the process is gone. */
  close(): Promise<void>
  /** Resolves when the process is gone, whatever the reason. */
  readonly gone: Promise<LostReason>
}

interface Occupied {
  onEvent: (event: SittingEvent) => void
  finish: () => void
}

/** Starts a bot host; resolves when its browser runs. Throws `browser_missing` and whatever else keeps the browser from starting. */
export async function startBotHost(options: BotHostOptions): Promise<BotHost> {
  const { clock = systemClock } = options
  const child = fork(options.script, options.browser.owner === undefined ? [] : [options.browser.owner], {
    serialization: 'advanced',
    // The browser has nothing to do with our secrets, nor with how we were started.
    env: {},
    execArgv: options.script.endsWith('.ts') ? ['--disable-warning=ExperimentalWarning'] : [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const opened = Promise.withResolvers<Extract<FromHost, { type: 'ready' }>>()
  const gone = Promise.withResolvers<LostReason>()
  const occupied = new Map<number, Occupied>()
  let reason: LostReason = 'process_ended'
  let seatCount = 0
  let silentTicks = 0
  let hasSpoken = false
  let browserGroup: number | undefined

  const send = (message: ToHost) => {
    // A host that is gone is told of by its end, and by nothing else.
    if (child.connected) child.send(message, () => {})
  }
  const release = (seat: number, event: SittingEvent) => {
    const { onEvent, finish } = occupied.get(seat) ?? {}
    occupied.delete(seat)
    onEvent?.(event)
    finish?.()
  }
  const watch = setInterval(() => {
    if (++silentTicks < (hasSpoken ? SILENT_TICKS : STARTING_TICKS)) return
    reason = 'unresponsive'
    child.kill('SIGKILL')
  }, TICK_MS)
  child.on('message', (raw) => {
    hasSpoken = true
    const message = fromHostSchema.safeParse(raw).data
    // Sound comes out of a living browser; whatever else its bots tell may be that it does not answer them.
    if (message?.type !== 'event' || message.event.type === 'audio') silentTicks = 0
    // A host that talks nonsense is broken, and must not take the other hosts' worker with it.
    if (!message) child.kill('SIGKILL')
    else if (message.type === 'ready') {
      browserGroup = message.processGroup
      opened.resolve(message)
    } else if (message.type === 'refused') opened.reject(new AppError(message.code, message.message))
    else if (message.type === 'note') options.onNote(message.message)
    else if (message.type === 'failed') reason = message.reason
    else if (message.type === 'event') {
      const event = message.event as SittingEvent
      if (event.type === 'over') release(message.seat, event)
      else occupied.get(message.seat)?.onEvent(event)
    }
  })
  const onEnd = () => {
    clearInterval(watch)
    // A browser ends when its host is gone, unless it stands still; then it would be in its rooms for ever.
    if (browserGroup !== undefined) endProcessGroup(browserGroup)
    opened.reject(new AppError('bot_host_broken', 'The process for bots ended while it started.', { retry: 'later' }))
    for (const seat of [...occupied.keys()]) release(seat, { type: 'lost', at: clock.now(), reason })
    gone.resolve(reason)
  }
  child.once('error', onEnd)
  // Not at `exit`: what the host said last may still be in the channel.
  child.once('close', onEnd)

  send({ type: 'open', ...options.browser })
  const { version, isSandboxed } = await opened.promise.catch((error: unknown) => {
    child.kill('SIGKILL')
    throw error
  })
  return {
    pid: child.pid ?? 0,
    version,
    isSandboxed,
    isAnswering: () => silentTicks < DOUBTFUL_TICKS,
    gone: gone.promise,
    sit(sitting, onEvent) {
      const seat = seatCount++
      const done = Promise.withResolvers<void>()
      occupied.set(seat, { onEvent, finish: done.resolve })
      if (child.connected) send({ type: 'sit', seat, sitting, aheadMs: clock.now().getTime() - monotonicMs() })
      else release(seat, { type: 'lost', at: clock.now(), reason })
      return {
        done: done.promise,
        leave: (why) => send({ type: 'leave', seat, reason: why }),
        abandon: () => send({ type: 'leave', seat, reason: 'lease_lost' }),
        update: (change) => send({ type: 'update', seat, change }),
        confirmLease: (untilMs) => send({ type: 'lease', seat, untilMs }),
      }
    },
    async close() {
      reason = 'closed'
      send({ type: 'close' })
      const late = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS)
      await gone.promise
      clearTimeout(late)
    },
  }
}
