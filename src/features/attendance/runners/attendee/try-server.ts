import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../../../base/clock.ts'
import { type AppError, isAppError } from '../../../../base/errors.ts'
import { SECOND_MS } from '../../../../base/time.ts'
import type { HttpClient } from '../../../../platform/http/index.ts'
import type { SittingLimits } from '../../../bots/index.ts'
import type { Platform } from '../../../meetings/index.ts'
import { type AttendeeApi, createAttendeeApi } from './attendee-api.ts'
import type { AttendeeServer } from './attendee-server.ts'
import { orderOf } from './create-attendee-runner.ts'
import { askStorage } from './read-media.ts'
import { TRIAL_AHEAD_MS, TRIAL_LENGTH_MS, tryOrder } from './try-order.ts'

export interface TryServerDeps {
  server: AttendeeServer
  http: HttpClient
  clock: Clock
  limits: SittingLimits
  /** As bots have them. */
  botName: string
  otherBotNames: readonly string[]
  chatLine: string
  /** For each request; ten seconds where unset, since a person waits for the answer. */
  timeoutMs?: number
  /** Between two looks at something unclear; a second where unset. */
  pauseMs?: number
}

/** Whether a server would send a bot to a platform. */
interface PlatformTrial {
  platform: Platform
  /** Why not: an error's code, and what the server said, or what went wrong where it said nothing. Null where it would. */
  problem: { code: string; said: string } | null
  /** Why the bot of the trial could not be taken back; null where it was. */
  left: string | null
}

export interface ServerTrial {
  platforms: PlatformTrial[]
  /** What keeps us from recordings that it has; null where nothing does, or where it has none. */
  storage: AppError | null
}

const TIMEOUT_MS = 10_000
const RECORDINGS_TRIED = 3
const LEAST_BYTES = 1024 * 1024

/** A link of each platform as its own look, and none that leads anywhere. */
const links: Partial<Record<Platform, string>> = {
  google_meet: 'https://meet.google.com/zzz-zzzz-zzz',
  teams: `https://teams.microsoft.com/l/meetup-join/${encodeURIComponent('19:meeting_trial@thread.v2')}/0?context=${encodeURIComponent(
    JSON.stringify({ Tid: '00000000-0000-4000-8000-000000000000', Oid: '00000000-0000-4000-8000-000000000000' }),
  )}`,
  zoom: 'https://zoom.us/j/10000000000?pwd=trial',
}

/**
 * Tries what a server would say: has it make a bot far ahead for each platform and takes it back, as `tryOrder` does, and asks for the first
 * byte of a recording that it has. Never throws for what the server does.
 */
export async function tryServer(deps: TryServerDeps, platforms: readonly Platform[]): Promise<ServerTrial> {
  const api = createAttendeeApi({ ...deps.server, http: deps.http, timeoutMs: deps.timeoutMs ?? TIMEOUT_MS })
  const tried = platforms.flatMap((platform) => (links[platform] === undefined ? [] : [platform]))
  const [trials, storage] = await Promise.all([
    Promise.all(tried.map((platform) => tryPlatform(deps, api, platform))),
    tryStorage(deps, api),
  ])
  return { platforms: trials, storage }
}

async function tryPlatform(deps: TryServerDeps, api: AttendeeApi, platform: Platform): Promise<PlatformTrial> {
  const { server, clock, limits, botName, otherBotNames, chatLine, pauseMs = SECOND_MS } = deps
  const joinAt = new Date(clock.now().getTime() + TRIAL_AHEAD_MS)
  const endsAt = new Date(joinAt.getTime() + TRIAL_LENGTH_MS)
  const bot = { limits, botName, otherBotNames, chatLine, botId: 'trial', platform }
  const order = orderOf(bot, links[platform] ?? '', { joinAt, endsAt }, server.webhookUrl)
  // Always the same, so that the next trial finds what one that was killed left behind.
  const deduplicationKey = `rapporteur-trial-${platform}`
  const trial = { api, pause: () => sleep(pauseMs) }
  const { problem, left } = await tryOrder(trial, { ...order, joinAt, deduplicationKey })
  return {
    platform,
    problem: problem ? { code: problem.code, said: String(problem.details.said ?? problem.message) } : null,
    left: left?.message ?? null,
  }
}

/** What keeps us from a recording of the newest bots that have one, as far as the first page of them shows. */
async function tryStorage({ http, server }: TryServerDeps, api: AttendeeApi): Promise<AppError | null> {
  const url = await findRecording(api)
  if (url === undefined) return null
  const storageHosts = [server.url.hostname, ...server.storageHosts]
  const request = { headers: { range: 'bytes=0-0' }, timeoutMs: TIMEOUT_MS, maxBytes: LEAST_BYTES }
  try {
    await askStorage({ http, storageHosts }, url, request)
    return null
  } catch (error) {
    if (!isAppError(error)) throw error
    // A file that is too large for this was found.
    return error.code === 'http_too_large' ? null : error
  }
}

/** A link to a recording; undefined where there is none, or the server does not answer, which the platforms say. */
async function findRecording(api: AttendeeApi): Promise<string | undefined> {
  try {
    const ended = await api.listInState('ended')
    const recorded = ended.filter(({ recordingState }) => recordingState === 'complete').slice(-RECORDINGS_TRIED)
    for (const { id } of recorded.toReversed()) {
      const link = await api.recording(id)
      if (link) return link.url
    }
    return undefined
  } catch (error) {
    if (!isAppError(error)) throw error
    return undefined
  }
}
