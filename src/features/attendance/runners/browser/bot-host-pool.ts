import { AppError } from '../../../../base/errors.ts'
import { MINUTE_MS } from '../../../../base/time.ts'
import { findBrowser } from '../../../../platform/browser/index.ts'
import { outcomeOf } from '../../../bots/index.ts'
import { isBrowserPlatform } from '../../platforms/platform.ts'
import type { Runner, Seat, Sitting, SittingEvent } from '../runner.ts'
import { type BotHost, type BotHostOptions, startBotHost } from './bot-host.ts'

export interface BotHostPoolOptions extends Omit<BotHostOptions, 'onNote'> {
  /** Bots that share one browser. One isolates fully. */
  botsPerHost: number
  /** Called once for each different thing that is to be said about the browser. */
  onNote?: (message: string) => void
  /** After so many sittings a host takes no more, since browsers grow. */
  sittingsPerHost?: number
  /** A host without bots is kept this long for the next one. */
  idleMs?: number
}

const STOOD_STILL = 'A browser did not answer any more and was ended; its bots are sent again'

interface Place {
  host: Promise<BotHost>
  /** Once it runs. */
  running: BotHost | undefined
  /** A bot failed here through no fault of its room. */
  isDoubted: boolean
  bots: number
  sittings: number
  idle: NodeJS.Timeout | undefined
}

/** Bot hosts as they are needed: the runner `browser`. */
export interface BotHostPool extends Runner {
  /** The processes that run or are starting. */
  hosts(): Promise<readonly BotHost[]>
}

/** Creates a pool without any host; the first bot starts the first one. Disposing of it lets every bot leave first. */
export function createBotHostPool(options: BotHostPoolOptions): BotHostPool {
  const { sittingsPerHost = 50, idleMs = 5 * MINUTE_MS } = options
  const places = new Set<Place>()
  const noted = new Set<string>()
  let isClosed = false

  function onNote(message: string): void {
    if (noted.has(message)) return
    noted.add(message)
    options.onNote?.(message)
  }

  async function start(): Promise<BotHost> {
    // What has to be unpacked is unpacked once here, and not by each host of its own. What is wrong with it a host says.
    await findBrowser(options.browser).catch(() => {})
    return startBotHost({ ...options, onNote })
  }

  function open(): Place {
    const host = start()
    const place: Place = { host, running: undefined, isDoubted: false, bots: 0, sittings: 0, idle: undefined }
    places.add(place)
    const forget = () => {
      clearTimeout(place.idle)
      places.delete(place)
    }
    host.then((running) => {
      place.running = running
      return running.gone.then((reason) => {
        forget()
        if (reason === 'unresponsive') onNote(STOOD_STILL)
      })
    }, forget)
    return place
  }

  /** Takes no more: it is worn out, or what is wrong with it nobody knows. */
  const isSpent = ({ sittings, isDoubted }: Place) => isDoubted || sittings >= sittingsPerHost

  /** The fullest host with room, so that others become empty and can go; one that does not answer now is no choice. */
  function choose(): Place {
    const free = [...places].filter(
      (place) => place.bots < options.botsPerHost && !isSpent(place) && place.running?.isAnswering() !== false,
    )
    return free.sort((a, b) => b.bots - a.bots)[0] ?? open()
  }

  function vacate(place: Place): void {
    place.bots--
    if (place.bots > 0 || !places.has(place)) return
    const close = () => {
      places.delete(place)
      void place.host.then((host) => host.close())
    }
    if (isSpent(place)) close()
    else place.idle = setTimeout(close, idleMs).unref()
  }

  async function sit(sitting: Sitting, onEvent: (event: SittingEvent) => void): Promise<Seat> {
    if (isClosed) throw new Error('The pool of bot hosts is closed')
    const { platform } = sitting
    if (!isBrowserPlatform(platform))
      throw new AppError('platform_not_supported', `Our browser cannot join a meeting on ${platform}.`)
    const place = choose()
    clearTimeout(place.idle)
    place.bots++
    place.sittings++
    try {
      const host = await place.host
      const seat = host.sit({ ...sitting, platform }, (event) => {
        place.isDoubted ||= isFailing(event)
        onEvent(event)
      })
      void seat.done.then(() => vacate(place))
      return seat
    } catch (error) {
      vacate(place)
      throw error
    }
  }

  return {
    sit,
    async hosts() {
      const settled = await Promise.allSettled([...places].map(({ host }) => host))
      return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    },
    async [Symbol.asyncDispose]() {
      isClosed = true
      await Promise.all(
        [...places].map(({ host }) =>
          host.then(
            (one) => one.close(),
            () => {},
          ),
        ),
      )
    },
  }
}

/** An end that is our own fault, or nobody's: the next attempt had better be elsewhere. */
function isFailing(event: SittingEvent): boolean {
  if (event.type !== 'moved' || (event.event !== 'fatal_error' && event.event !== 'could_not_join_meeting'))
    return false
  return outcomeOf(event.end) === 'infrastructure'
}
