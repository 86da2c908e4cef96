export { checkTranscriptLink, readLinkHolder } from './check-transcript-link.ts'
export type { Gathered, GatheredPerson, ToldWords } from './gathered.ts'
export { giveAccess } from './give-access.ts'
export { recoverSpeechJob, sweepSpeechJob, transcribeUtteranceJob } from './jobs.ts'
export { limitTranscript } from './limit-transcript.ts'
export { mayHearSound } from './may-hear-sound.ts'
export { mayReadTranscript } from './may-read-transcript.ts'
export { type MeetingPeopleDeps, type MeetingPerson, readMeetingPeople } from './meeting-people.ts'
export { moveWords, readHeard } from './move-words.ts'
export { nameSpeakers } from './name-speakers.ts'
export { type Presence, readPresence } from './presence-store.ts'
export { readClaimant } from './reader-claim.ts'
export { recoverSpeech } from './recover-speech.ts'
export { revokeLinks } from './revoke-links.ts'
export { type InvitedPerson, isColleague, readersOf, type SharingPolicy } from './sharing.ts'
export { decodeOggOpus } from './speech/decode-ogg-opus.ts'
export { defaultModelDir, fetchModel, verifyModel } from './speech/model-files.ts'
export { SAMPLE_RATE, type SpeechProvider } from './speech/provider.ts'
export { createSpeechProvider } from './speech/registry.ts'
export { openSilero, type SileroModel } from './speech/silero.ts'
export { createUtteranceSegmenter } from './speech/utterance-segmenter.ts'
export { createVoiceModel } from './speech/voice-model.ts'
export { type SpokenPiece, VoiceRecorder } from './speech/voice-recorder.ts'
export { storeGathered } from './store-gathered.ts'
export { storeWords } from './store-words.ts'
export { sweepSpeech } from './sweep-speech.ts'
export { transcribeUtterance } from './transcribe-utterance.ts'
export { readTranscribedMeeting, type TranscribedMeeting } from './transcribed-meeting-store.ts'
export { isFinished, type Transcript } from './transcript.ts'
export { transcriptPath } from './transcript-address.ts'
export { createTranscriptFeed, type TranscriptFeed } from './transcript-feed.ts'
export {
  describeGap,
  describeMissing,
  describeSilentParts,
  fileNameOf,
  languageName,
  missingText,
  type TranscriptHead,
} from './transcript-file.ts'
export {
  announceTranscript,
  beginTranscript,
  finishTranscript,
  hasAnyTranscript,
  readTranscript,
  readTranscriptFacts,
} from './transcript-store.ts'
export { createTranscriptToken, LINK_DAYS } from './transcript-token.ts'
export { buildTurns, type Turn, type Turns, type TurnUtterance } from './turns.ts'
export { appendUtterance, isUtteranceStored, putWrittenUtterances } from './utterance-store.ts'
export { explainWeakSecret, weakLinksEndAt } from './weak-secret.ts'
export { writeText } from './write-text.ts'
export { writeVtt } from './write-vtt.ts'
