import type { App } from '../../app.ts'
import { DAY_MS, MINUTE_MS } from '../../base/time.ts'
import {
  attendeeServerOf,
  hurryRefused,
  listUnfitMeetings,
  tryServer,
  type UnfitMeeting,
  writeTrial,
} from '../../features/attendance/index.ts'
import { limitsWith } from '../../features/bots/index.ts'
import { platforms } from '../../features/meetings/index.ts'
import { recordAudit } from '../../features/people/index.ts'
import { inTransaction } from '../../platform/db/index.ts'
import type { AttendeePages } from '../web/index.ts'

const AHEAD_MS = 7 * DAY_MS

/** What pages say of the Attendee server, and how they have it tried; undefined where there is none. */
export function createAttendeePages(app: App): AttendeePages | undefined {
  const { db, clock, config, runnerOf } = app
  const server = attendeeServerOf(config, app.secrets)
  if (!server) return undefined
  const attends = (platform: string) => runnerOf(platform) === 'attendee'
  const { botName, otherBotNames, botChatMessage: chatLine } = config
  return {
    attends,
    listUnfit: onceAMinute(clock, async () => {
      const now = clock.now()
      return listUnfitMeetings(db, { now, until: new Date(now.getTime() + AHEAD_MS), runnerOf })
    }),
    async tryOut(actor) {
      const bots = { limits: limitsWith(config.bots.limits), botName, otherBotNames, chatLine }
      const deps = { server, http: app.http, clock, ...bots }
      const trial = await tryServer(deps, platforms.filter(attends))
      await writeTrial(db, trial, clock.now())
      const mended = trial.platforms.filter(({ problem }) => problem === null)
      await hurryRefused(
        app.supervise,
        mended.map(({ platform }) => platform),
      )
      await inTransaction(db, (trx) =>
        recordAudit(trx, { at: clock.now(), ...actor, action: 'attendee_tried', subject: server.url.origin }),
      )
    },
  }
}

/** Asks anew once a minute at most: every page counts what needs somebody. */
function onceAMinute(
  clock: App['clock'],
  ask: () => Promise<readonly UnfitMeeting[]>,
): () => Promise<readonly UnfitMeeting[]> {
  let askedMs = Number.NEGATIVE_INFINITY
  let answer: Promise<readonly UnfitMeeting[]> = Promise.resolve([])
  return () => {
    const nowMs = clock.now().getTime()
    if (nowMs - askedMs < MINUTE_MS) return answer
    askedMs = nowMs
    answer = ask()
    // A failure is told to whoever asked, and asked again by the next.
    answer.catch(() => {
      askedMs = Number.NEGATIVE_INFINITY
    })
    return answer
  }
}
