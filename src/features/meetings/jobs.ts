import { z } from 'zod'
import { defineJob } from '../../platform/jobs/index.ts'

/** Plans every coming meeting again: the safety net, and what a changed rule or switch needs. */
export const sweepMeetingsJob = defineJob({
  name: 'sweep-meetings',
  payload: z.object({}),
  policy: 'stately',
  cron: '17 * * * *',
})
