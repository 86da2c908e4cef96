import { z } from 'zod'
import { defineJob } from '../../platform/jobs/index.ts'

/** Makes one file of a meeting's recording. Keyed by meeting; sent whenever no bot of the meeting is left that records. */
export const finishRecordingJob = defineJob({
  name: 'finish-recording',
  payload: z.object({ meetingId: z.uuid() }),
  // A part that ends while an earlier one is being finished is a second knock.
  policy: 'stately',
  expireInSeconds: 1_800,
})
