import { z } from 'zod'
import { defineJob } from '../../platform/jobs/index.ts'

/** Attends one meeting from staging to the end. One per meeting; the bot row says whether still. */
export const attendMeetingJob = defineJob({
  name: 'attend-meeting',
  payload: z.object({ meetingId: z.uuid() }),
  policy: 'exclusive',
  isHeld: true,
  heartbeatSeconds: 20,
  retryLimit: 1_000,
  retryDelaySeconds: 1,
  retryDelayMaxSeconds: 15,
  expireInSeconds: 86_400,
})
