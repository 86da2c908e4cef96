export { finishRecording } from './finish-recording.ts'
export { finishRecordingJob } from './jobs.ts'
export { moveRecording } from './move-recording.ts'
export { type OpenRecording, openRecording } from './open-recording.ts'
export type { AudioStep } from './recording.ts'
export {
  endPart,
  endPartsOfLostBots,
  listHeardMeetings,
  markSpeechMissing,
  readParts,
  readRecording,
  startPart,
} from './recording-store.ts'
export { appendAudioStep, dropSteps, dropVoiceSteps, readSteps } from './step-store.ts'
export { nameMedia, type StoredMedia, storeMedia } from './store-media.ts'
