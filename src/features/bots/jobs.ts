import { z } from 'zod'
import { defineJob } from '../../platform/jobs/index.ts'

/** Attends one meeting from staging to the end. One per bot, and a meeting has one live bot; its row says whether still. */
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
