import { z } from 'zod'
import { defineJob } from '../../platform/jobs/index.ts'

/** Finds bots that nobody sees to, and bots that rest where they must not. */
export const superviseBotsJob = defineJob({
  name: 'supervise-bots',
  payload: z.object({}),
  policy: 'stately',
  cron: '* * * * *',
})

/** Attends one meeting from staging to the end. One per bot, whose row names it and says whether still; a meeting has one live bot. */
export const attendMeetingJob = defineJob({
  name: 'attend-meeting',
  payload: z.object({ meetingId: z.uuid() }),
  policy: 'exclusive',
  isHeld: true,
  // A bot whose worker is cut off leaves two seconds earlier, so a database may be away for a good 15 s.
  heartbeatSeconds: 22,
  retryLimit: 1_000,
  // A job that was lost is taken again at once.
  retryDelaySeconds: 0,
  expireInSeconds: 86_400,
})
