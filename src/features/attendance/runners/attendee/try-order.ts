import { type AppError, isAppError } from '../../../../base/errors.ts'
import { DAY_MS, HOUR_MS } from '../../../../base/time.ts'
import { kindOfRefusal } from '../../../bots/index.ts'
import type { AttendeeApi, RemoteOrder } from './attendee-api.ts'

/** A bot made for a trial is to join so far ahead that nobody who is interrupted here is in a hurry to take it back. */
export const TRIAL_AHEAD_MS = 90 * DAY_MS
export const TRIAL_LENGTH_MS = HOUR_MS
/** How often something unclear is looked at. */
const LOOKS = 3

interface TrialDeps {
  api: AttendeeApi
  /** Before something is looked at again. */
  pause(): Promise<void>
}

/** What became of a trial: why the server would send no bot, and why the one that it made is still there. */
interface OrderTrial {
  problem?: AppError
  left?: AppError
}

/**
 * Has a server make a bot far ahead, and takes it back whatever happens: it is found by its key also where an answer was lost, and so is one
 * that an earlier trial with this key left behind. May run twice at once.
 */
export async function tryOrder(deps: TrialDeps, order: RemoteOrder): Promise<OrderTrial> {
  const { deduplicationKey: key } = order
  let mayExist = false
  const problem = await failureOf(async () => {
    await takeBack(deps, key)
    mayExist = true
    await make(deps, order)
  })
  const left = mayExist ? await failureOf(() => takeBackPatiently(deps, key)) : undefined
  return { ...(problem && { problem }), ...(left && { left }) }
}

async function make(deps: TrialDeps, order: RemoteOrder): Promise<void> {
  try {
    await deps.api.create(order)
  } catch (error) {
    if (!isAppError(error)) throw error
    if (isKeyTaken(error)) return
    // It may have been made although we heard nothing of it.
    if (error.retry !== 'later' || !(await isMade(deps, order.deduplicationKey))) throw error
  }
}

/** Another trial made one meanwhile: the server takes such an order. */
function isKeyTaken({ code, details }: AppError): boolean {
  return code === 'attendee_refused' && kindOfRefusal(code, String(details.said)) === 'key_in_use'
}

async function isMade({ api, pause }: TrialDeps, key: string): Promise<boolean> {
  for (let look = 1; look <= LOOKS; look++) {
    await pause()
    if ((await api.listInState('scheduled', key)).length > 0) return true
  }
  return false
}

async function takeBack({ api }: TrialDeps, key: string): Promise<void> {
  for (const { id } of await api.listInState('scheduled', key)) await api.remove(id)
}

async function takeBackPatiently(deps: TrialDeps, key: string): Promise<void> {
  for (let look = 1; ; look++) {
    const failure = await failureOf(() => takeBack(deps, key))
    if (!failure) return
    if (failure.retry !== 'later' || look === LOOKS) throw failure
    await deps.pause()
  }
}

async function failureOf(act: () => Promise<void>): Promise<AppError | undefined> {
  try {
    await act()
    return undefined
  } catch (error) {
    if (isAppError(error)) return error
    throw error
  }
}
