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

/** Cuts the stored voices of a meeting whose bots are over into utterances. Keyed by meeting. */
export const recoverSpeechJob = defineJob({
  name: 'recover-speech',
  payload: z.object({ meetingId: z.uuid() }),
  policy: 'stately',
  expireInSeconds: 1_800,
})

/** Looks for speech that a crash has left behind. */
export const sweepSpeechJob = defineJob({
  name: 'sweep-speech',
  payload: z.object({}),
  policy: 'stately',
  retryLimit: 0,
  cron: '* * * * *',
})
