import { cleanLine } from '../../base/text.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../base/time.ts'
import { explainEnd } from '../bots/index.ts'
import { missingStretches } from './missing-stretches.ts'
import { UNDETERMINED } from './result-of-speech.ts'
import type { BotsGoing, Transcript } from './transcript.ts'
import type { Gap } from './turns.ts'

/** What a downloaded transcript says about itself, in words. */
export interface TranscriptHead {
  title: string
  /** When the meeting was, with its zone. */
  when: string
  /** Who was in the room. */
  people: readonly string[]
  /** Remarks, such as that the recording began late. */
  notes: readonly string[]
}

/** The name of a language in English, or its code where that says nothing. */
export function languageName(code: string): string {
  try {
    return languageNames.of(code) ?? code
  } catch {
    return code
  }
}
const languageNames = new Intl.DisplayNames('en', { type: 'language' })

/** What stands in place of speech that is not text. */
export function missingText(piece: {
  reason: 'failed' | 'other_language' | null
  otherLanguage: string | null
  durationMs: number
}) {
  const seconds = Math.max(1, Math.round(piece.durationMs / SECOND_MS))
  if (piece.reason === 'failed') return `[${seconds} s of speech could not be transcribed]`
  const isNamed = piece.otherLanguage !== null && piece.otherLanguage !== UNDETERMINED
  const how = isNamed ? `in ${languageName(piece.otherLanguage as string)}` : 'unclear or in another language'
  return `[${seconds} s ${how}, not transcribed]`
}

/** A stretch without text, in words. */
export function describeGap(gap: Gap): string {
  const { kind, durationMs } = gap
  if (kind === 'silence') return `${roughly(durationMs)} without speech`
  if (gap.going?.how === 'reader_away') return `You were not in the room for ${roughly(durationMs)}`
  const why = gap.going === null ? null : whyGone(gap.place, gap.going)
  const what =
    gap.place === 'between'
      ? `Not recorded for ${roughly(durationMs)}`
      : `Nothing was recorded from ${longStamp(gap.fromMs)} on, ${roughly(durationMs)} before the planned end`
  return why === null ? what : `${what}: ${why}`
}

function whyGone(place: 'between' | 'end', { how, subType }: BotsGoing): string {
  const after = place === 'between' ? 'another took its place' : 'none came back'
  const what = how === 'lost' ? `the bot was lost, and ${after}` : 'the bot was sent away'
  return [`${what}.`, explainEnd(subType)].filter((part) => part !== null).join(' ')
}

/** When nothing was recorded although the meeting went on, in words; undefined where nothing is missing. */
export function describeMissing(transcript: Pick<Transcript, 'parts' | 'endsMs'>): string | undefined {
  const missing = missingStretches(transcript.parts, transcript.endsMs)
  if (missing.length === 0) return undefined
  const places = missing.map(({ fromMs, toMs, place }) =>
    place === 'end' ? `${roughly(toMs - fromMs)} at the end` : `${roughly(toMs - fromMs)} at ${longStamp(fromMs)}`,
  )
  const rest = places.length > MAX_PLACES ? ` and ${places.length - MAX_PLACES} times more` : ''
  return `The recording was interrupted. Missing: ${places.slice(0, MAX_PLACES).join(', ')}${rest}.`
}

/** What of the recording cannot be listened to, in words; undefined where there is sound for all of it. */
export function describeSilentParts({ recording, parts }: Pick<Transcript, 'recording' | 'parts'>): string | undefined {
  if (recording?.state !== 'complete' || recording.durationMs === null) return undefined
  const { fileStartedMs, durationMs } = recording
  const isOutside = ({ startedMs, endedMs }: Transcript['parts'][number]) =>
    startedMs < fileStartedMs - SECOND_MS || (endedMs ?? 0) > durationMs + SECOND_MS
  return parts.some(isOutside)
    ? `There is sound from ${longStamp(fileStartedMs)} to ${longStamp(durationMs)} only: several bots recorded, and the longest file is kept.`
    : undefined
}

const MAX_PLACES = 10

function roughly(ms: number): string {
  return ms < MINUTE_MS ? `${Math.round(ms / SECOND_MS)} s` : `${Math.round(ms / MINUTE_MS)} min`
}

/** Hours, minutes and seconds from the start of the recording: 0:12:34. */
export function longStamp(ms: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${Math.floor(ms / HOUR_MS)}:${two((ms % HOUR_MS) / MINUTE_MS)}:${two((ms % MINUTE_MS) / SECOND_MS)}`
}

/** The name of a downloaded file: day and title, without what file systems refuse. */
export function fileNameOf(day: string, title: string, extension: string): string {
  const name = cleanLine(title.replace(/[\\/:*?"<>|]/g, ' '), 80).replace(/[. ]+$/, '')
  return `${day} ${name || 'Transcript'}.${extension}`
}
