export { answerRange } from './answer-range.ts'
export { finishRecording } from './finish-recording.ts'
export { finishRecordingJob } from './jobs.ts'
export { moveRecording } from './move-recording.ts'
export { cutMp3 } from './mp3/cut-mp3.ts'
export { readMp4Head } from './mp4/read-mp4-head.ts'
export { readOggOpus } from './ogg/read-ogg-opus.ts'
export { writeOggOpus } from './ogg/write-ogg-opus.ts'
export { type OpenRecording, openRecording } from './open-recording.ts'
export type { AudioStep } from './recording.ts'
export {
  endPart,
  listHeardMeetings,
  markSpeechMissing,
  readParts,
  readRecording,
  startPart,
} from './recording-store.ts'
export { appendAudioStep, dropSteps, dropVoiceSteps, readSteps } from './step-store.ts'
export { nameMedia, type StoredMedia, storeMedia } from './store-media.ts'
