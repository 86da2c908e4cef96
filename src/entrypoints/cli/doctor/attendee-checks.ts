import { type CheckReport, failed, ok, warning } from '../../../base/check-report.ts'
import { systemClock } from '../../../base/clock.ts'
import { countOf } from '../../../base/text.ts'
import { DAY_MS } from '../../../base/time.ts'
import { VERSION } from '../../../base/version.ts'
import {
  attendeeServerOf,
  chooseRunners,
  fitName,
  fitText,
  listUnfitMeetings,
  type ServerTrial,
  tryServer,
  writeTrial,
} from '../../../features/attendance/index.ts'
import {
  explainEnd,
  explainTrial,
  limitsWith,
  listMissingMedia,
  listRefusedMeetings,
} from '../../../features/bots/index.ts'
import { platformLabel, platforms } from '../../../features/meetings/index.ts'
import type { Config, Secrets } from '../../../platform/config/index.ts'
import type { Database } from '../../../platform/db/index.ts'
import { createHttpClient } from '../../../platform/http/index.ts'

const AHEAD_MS = 28 * DAY_MS
const BACK_MS = 30 * DAY_MS
const MANY = 1_000

/** What an Attendee server gets otherwise than it is set. */
export function checkAttendeeTexts({ botName, botChatMessage }: Config): CheckReport[] {
  const texts = [
    ['BOT_NAME', botName, fitName(botName), 'a name 255'],
    ['BOT_CHAT_MESSAGE', botChatMessage, fitText(botChatMessage), 'a line 10,000'],
  ] as const
  return texts.flatMap(([name, set, sent, length]) =>
    set.trim() === sent
      ? []
      : [
          warning(
            'attendee',
            `It takes neither emoji nor rare characters, and of ${length} characters: of ${name} it gets ${sent === '' ? 'nothing' : `“${sent}”`}.`,
          ),
        ],
  )
}

/** Tries what the Attendee server would say: a bot far ahead for each platform that it attends, which is taken back. */
export async function tryAttendee(
  config: Config,
  secrets: Secrets,
): Promise<{ reports: CheckReport[]; trial: ServerTrial | undefined }> {
  const server = attendeeServerOf(config, secrets)
  if (!server)
    return { reports: [failed('attendee', 'Set ATTENDEE_API_URL and ATTENDEE_API_KEY to try it.')], trial: undefined }
  await using http = createHttpClient({
    allowPrivateHosts: config.allowPrivateHosts,
    proxyUrl: config.proxy.url,
    noProxy: config.proxy.noProxy,
    userAgent: `Rapporteur/${VERSION}`,
  })
  const { botName, otherBotNames, botChatMessage: chatLine } = config
  const trial = await tryServer(
    { server, http, clock: systemClock, limits: limitsWith(config.bots.limits), botName, otherBotNames, chatLine },
    platforms.filter((platform) => runnerOf(config)(platform) === 'attendee'),
  )
  return { reports: reportsOf(trial, server.storageHosts), trial }
}

function reportsOf({ platforms: trials, storage }: ServerTrial, storageHosts: readonly string[]): CheckReport[] {
  const reports = trials.flatMap(({ platform, problem, left }) => {
    const label = platformLabel(platform)
    return [
      problem
        ? failed('attendee', `${label}: ${explainTrial(problem)}`)
        : ok('attendee', `${label}: it would send a bot.`),
      ...(left === null
        ? []
        : [warning('attendee', `${label}: the bot of this trial could not be taken back (${left}) Try again.`)]),
    ]
  })
  if (storage) reports.push(failed('attendee', storage.message))
  else if (storageHosts.length === 0)
    reports.push(
      ok('attendee', 'If it keeps recordings at a private host of its own, ATTENDEE_STORAGE_HOSTS names it.'),
    )
  return reports
}

/** What the database knows of an Attendee server's doings; `trial` is stored where one was just made. */
export async function checkAttendeeRecords(
  db: Database,
  config: Config,
  trial: ServerTrial | undefined,
): Promise<CheckReport[]> {
  const now = systemClock.now()
  if (trial) await writeTrial(db, trial, now)
  const until = new Date(now.getTime() + AHEAD_MS)
  const unfit = await listUnfitMeetings(db, { now, until, runnerOf: runnerOf(config) })
  const refused = await listRefusedMeetings(db, now, MANY)
  const missing = await listMissingMedia(db, { since: new Date(now.getTime() - BACK_MS) }, MANY)
  return [
    ...[...Map.groupBy(refused, ({ end, said }) => explainEnd(end, { said }) ?? end)].map(([why, of]) =>
      failed('attendee', `${countOf(of.length, 'meeting')} of the last day: ${why}`),
    ),
    ...[...Map.groupBy(unfit, ({ why }) => why)].map(([why, of]) =>
      warning('links', `${countOf(of.length, 'meeting')} to come: ${why}`),
    ),
    ...[...Map.groupBy(missing, ({ message }) => message)].map(([message, of]) =>
      warning('recordings', `${countOf(of.length, 'recording')} could not be fetched. ${message}`),
    ),
  ]
}

/** Which runner attends a platform; none where RUNNERS cannot be used, which another check says. */
function runnerOf({ runners }: Config): ReturnType<typeof chooseRunners> {
  try {
    return chooseRunners(runners, { attendee: true })
  } catch {
    return () => undefined
  }
}
