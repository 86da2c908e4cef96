import { AppError, isAppError } from '../../../../../base/errors.ts'
import { findBrowser, launchBrowser, type RunningBrowser } from '../../../../../platform/browser/index.ts'
import { becomeUnprivileged } from '../../../../../platform/process/index.ts'
import { createHostSeats } from './host-seats.ts'
import { type FromHost, type HostFailure, type ToHost, toHostSchema } from './messages.ts'

const ALIVE_EVERY_MS = 2_000
/** How long the bots may take to leave when the worker is gone. */
const FAREWELL_MS = 3_000

/** Switches for meetings: sound plays without a click, and rooms on this very machine can be reached. */
const MEETING_ARGS = [
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
  '--disable-blink-features=AutomationControlled',
  '--lang=en-US',
]

/** The port to the worker, as `process` has it. */
export interface WorkerPort {
  send(message: FromHost): void
  onMessage(listener: (message: unknown) => void): void
  onClosed(listener: () => void): void
}

/**
 * A bot host's whole life: one browser, and the bots its worker orders. Ends by itself when the port to the worker closes; resolves when
 * nothing of it is left.
 */
export async function runBotHost(port: WorkerPort): Promise<void> {
  const over = Promise.withResolvers<void>()
  let browser: RunningBrowser | undefined
  let hasFailed = false
  const fail = (reason: HostFailure) => {
    if (hasFailed) return
    hasFailed = true
    port.send({ type: 'failed', reason })
    over.resolve()
  }
  const seats = createHostSeats({
    tell(seat, event) {
      // What bots say of a browser that is gone would sound as if they had left.
      if (!hasFailed) port.send({ type: 'event', seat, event })
    },
    expelAll() {
      fail('unresponsive')
      browser?.kill()
    },
  })
  const signsOfLife = sendSignsOfLife(port, () => browser)
  const onCrash = () => fail('browser_crashed')
  const obey = async (order: ToHost) => {
    if (order.type === 'open') {
      browser = await openBrowser(order, port, onCrash)
      const { version, isSandboxed, processGroup } = browser
      port.send({ type: 'ready', version, isSandboxed, processGroup })
    } else if (order.type === 'close') over.resolve()
    else if (order.type === 'sit') {
      if (browser) seats.sit(order, browser.browser)
    } else if (order.type === 'leave') seats.leave(order.seat, order.reason)
    else if (order.type === 'update') seats.update(order.seat, order.change)
    else seats.confirmLease(order.seat, order.untilMs)
  }
  port.onMessage((message) => {
    obey(toHostSchema.parse(message) as ToHost).catch((error: unknown) => {
      // A bug of ours ends the process with its trace; a failure is the worker's to report.
      if (!isAppError(error)) throw error
      port.send({ type: 'refused', code: error.code, message: error.message })
      over.resolve()
    })
  })
  port.onClosed(over.resolve)

  await over.promise
  clearInterval(signsOfLife)
  if (!hasFailed) await seats.leaveAll('process_terminated', FAREWELL_MS)
  try {
    await browser?.[Symbol.asyncDispose]()
  } catch {
    // It may have crashed, which is why we are here.
  }
}

/**
 * Says that this host is alive for as long as its browser is: one that stands still does not answer, and its worker gives up both. Until there
 * is a browser, its start has a deadline of its own.
 */
function sendSignsOfLife(port: WorkerPort, browser: () => RunningBrowser | undefined): NodeJS.Timeout {
  const alive = () => port.send({ type: 'alive' })
  let isAsking = false
  return setInterval(() => {
    const running = browser()
    if (!running) return alive()
    if (isAsking) return
    isAsking = true
    running
      .answer()
      .then(alive, () => {})
      .finally(() => {
        isAsking = false
      })
  }, ALIVE_EVERY_MS)
}

async function openBrowser(
  options: { configuredPath?: string | undefined; dataDir?: string | undefined; owner?: string | undefined },
  port: WorkerPort,
  onCrash: () => void,
): Promise<RunningBrowser> {
  const found = await findBrowser(options)
  const hindrance = await becomeUnprivileged([found.path, import.meta.filename])
  const say = (message: string) =>
    port.send({ type: 'note', message: hindrance ? `${message} (${hindrance})` : message })
  try {
    return await launchBrowser({
      browser: found,
      args: [...MEETING_ARGS, `--rapporteur-owner=${options.owner ?? ''}`],
      say,
      onCrash,
    })
  } catch (error) {
    throw isAppError(error) ? error : new AppError('browser_broken', `${found.path} does not start.`, { cause: error })
  }
}
