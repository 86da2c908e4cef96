import { dayOf } from '../../../../base/time.ts'
import {
  buildTurns,
  describeMissing,
  describeSilentParts,
  limitTranscript,
  nameSpeakers,
  readTranscript,
  type TranscribedMeeting,
  type Transcript,
  type TranscriptHead,
  type Turns,
} from '../../../../features/transcripts/index.ts'
import { clockTime, duration, longDay } from '../../formats.ts'
import type { Reader } from '../../reader.ts'
import { shownTitle } from '../../titles.ts'
import type { WebDeps } from '../../web-deps.ts'

/** A late start below this is nobody's concern. */
const LATE_MS = 60_000

/** A meeting's transcript as it is shown and downloaded. */
export interface TranscriptView {
  title: string
  transcript: Transcript | undefined
  turns: Turns['turns']
  gapsAfter: Turns['gapsAfter']
  head: TranscriptHead
}

/** Reads the transcript of a reader's meeting, with times in a zone. */
export async function readView(deps: Pick<WebDeps, 'db'>, reader: Reader, zone: string): Promise<TranscriptView> {
  const { meeting } = reader
  const whole = await readTranscript(deps.db, meeting.id)
  const transcript = whole && reader.heard ? limitTranscript(whole, reader.heard) : whole
  const title = titleFor(reader)
  const people = transcript ? namesOf(transcript) : []
  const { turns, gapsAfter } = transcript ? buildTurns(transcript) : { turns: [], gapsAfter: [] }
  return {
    title,
    transcript,
    turns,
    gapsAfter,
    head: {
      title,
      when: `${describeWhen(meeting, zone)} (${zone})`,
      people,
      notes: reader.heard ? [ONLY_HEARD] : notesOn(transcript, meeting),
    },
  }
}

const ONLY_HEARD = 'You were not invited to this meeting. This is what was said while you were in the room.'

/** A private title is for the people of its meeting only, and any for somebody who was merely in the room. */
function titleFor({ meeting, isInvited, heard }: Reader): string {
  if (heard) return 'Meeting'
  return shownTitle({ title: meeting.title, isPrivate: meeting.isPrivate && !isInvited }, 'meeting', 500)
}

/** Monday, 23 November 2026, 09:00–09:45 */
export function describeWhen(
  { startsAt, endsAt }: Pick<TranscribedMeeting, 'startsAt' | 'endsAt'>,
  zone: string,
): string {
  const day = dayOf(startsAt, zone)
  const endDay = dayOf(endsAt, zone)
  const end = day === endDay ? clockTime(endsAt, zone) : `${longDay(endDay)}, ${clockTime(endsAt, zone)}`
  return `${longDay(day)}, ${clockTime(startsAt, zone)}–${end}`
}

function namesOf({ participants }: Transcript): string[] {
  const labels = [...nameSpeakers(participants).values()].filter(({ isKnown }) => isKnown)
  return [...new Set(labels.map(({ label }) => label))]
}

function notesOn(transcript: Transcript | undefined, meeting: Pick<TranscribedMeeting, 'startsAt'>): string[] {
  const startedAt = transcript?.recording?.startedAt
  if (!startedAt) return []
  const lateMs = startedAt.getTime() - meeting.startsAt.getTime()
  const late = lateMs >= LATE_MS ? `The recording starts ${duration(lateMs)} after the meeting.` : undefined
  return [late, describeMissing(transcript), describeSilentParts(transcript)].filter((note) => note !== undefined)
}
