import { z } from 'zod'
import { defineJob } from '../../platform/jobs/index.ts'

/** Turns one utterance into text. Speech that cannot be read now waits; it is never dropped. */
export const transcribeUtteranceJob = defineJob({
  name: 'transcribe-utterance',
  payload: z.object({ utteranceId: z.uuid() }),
  retryLimit: 100,
  concurrency: 2,
  expireInSeconds: 600,
})
