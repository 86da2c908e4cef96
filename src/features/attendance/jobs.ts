import { z } from 'zod'
import { defineJob, type JobRequest } from '../../platform/jobs/index.ts'

/** Finds bots that nobody sees to, and bots that rest where they must not. */
export const superviseBotsJob = defineJob({
  name: 'supervise-bots',
  payload: z.object({}),
  policy: 'stately',
  cron: '* * * * *',
})

/** Sees to a bot of an Attendee server that is over here. Keyed by our bot; sent when one ends, at notices, and where the time has come. */
export const seeToAttendeeBotJob = defineJob({
  name: 'see-to-attendee-bot',
  payload: z.object({ botId: z.string() }),
  // Something may happen at the server while it is being looked at.
  policy: 'stately',
  concurrency: 16,
  expireInSeconds: 7_200,
})

export function seeToBotRequest(botId: string): JobRequest {
  return { job: seeToAttendeeBotJob, payload: { botId }, key: botId }
}

/** Finds bots of an Attendee server for whom it has to be asked again. */
export const sweepAttendeeBotsJob = defineJob({
  name: 'sweep-attendee-bots',
  payload: z.object({}),
  policy: 'stately',
  cron: '* * * * *',
})
