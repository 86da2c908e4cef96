import { type BotView, explainEnd, wasNeverSent } from '../../../../features/bots/index.ts'
import { isFinished, type TranscribedMeeting, type Transcript } from '../../../../features/transcripts/index.ts'
import { currentBot } from '../../meeting-status.ts'

/** How far a transcript is. Pages of any but the last follow what happens. */
export type Phase = 'waiting' | 'live' | 'preparing' | 'over'

export function phaseOf(transcript: Transcript | undefined): Phase {
  if (transcript === undefined) return 'waiting'
  if (isFinished(transcript.state)) return 'over'
  return transcript.state === 'live' ? 'live' : 'preparing'
}

/** What a page without any text has to say instead. */
export interface Absence {
  title: string
  text: string
}

interface AbsenceFacts {
  meeting: Pick<TranscribedMeeting, 'decision' | 'startsAt' | 'endsAt'>
  transcript: Transcript | undefined
  /** What is missing of the recording, in words. */
  notes: readonly string[]
  bots: readonly BotView[]
  now: Date
}

const ASK = 'Ask whoever organised the meeting, or an administrator.'

/** Why there is nothing to read, and whether to wait for it. */
export function explainAbsence({ meeting, transcript, notes, bots, now }: AbsenceFacts): Absence {
  const bot = currentBot(bots)
  if (transcript) return explainEmptyTranscript(transcript, notes, bot)
  if (bot?.state === 'fatal_error') {
    return wasNeverSent(bot.outcome)
      ? { title: 'There is no transcript', text: `A bot should have come to this meeting and none did. ${ASK}` }
      : { title: 'There is no transcript', text: `The bot could not get into this meeting. ${ASK}` }
  }
  if (bot?.state === 'waiting_room') {
    return {
      title: 'Waiting to be let in',
      text: 'Somebody in the meeting has to let the bot in. What is said then appears here.',
    }
  }
  if (meeting.endsAt <= now)
    return { title: 'There is no transcript', text: 'No bot was in this meeting, so nothing was recorded.' }
  if (meeting.decision !== 'attend') {
    return {
      title: 'No bot is planned',
      text: 'This meeting is not going to be recorded, so there will be no transcript.',
    }
  }
  return meeting.startsAt <= now
    ? { title: 'The bot is on its way', text: 'What is said appears here once it is in the meeting.' }
    : {
        title: 'The meeting has not begun',
        text: 'What is said appears here while it runs. You can close this page; the link keeps working.',
      }
}

function explainEmptyTranscript(
  { state, lastSeq, utterances }: Transcript,
  notes: readonly string[],
  bot: BotView | undefined,
): Absence {
  switch (state) {
    case 'live':
      return { title: 'Nobody has spoken yet', text: 'What is said appears here a few seconds later.' }
    case 'finishing':
      return {
        title: 'The transcript is being prepared',
        text: `${bot?.awaitsWords ? 'The server that recorded the meeting is still making its words. ' : ''}This page shows it by itself once it is ready. You can close it; the link keeps working.`,
      }
    case 'failed':
      return {
        title: 'The speech could not be transcribed',
        text: `The meeting was recorded, but it did not become text. ${ASK}`,
      }
    case 'none':
      return {
        title: 'There is no transcript',
        text: ['No sound was recorded in this meeting.', bot && explainEnd(bot.end, bot)].filter(Boolean).join(' '),
      }
    case 'complete':
    case 'partial':
      // Every write counts, so there once was something that is no more.
      if (lastSeq > 0 && utterances.length === 0)
        return { title: 'This transcript was erased', text: 'Its text and sound were deleted for good.' }
      return notes.length > 0
        ? { title: 'Nobody spoke while it was recorded', text: notes.join(' ') }
        : {
            title: 'Nobody spoke',
            text: 'The meeting was recorded from its beginning to its end, and nothing was said.',
          }
  }
}
