import { countOf } from '../../../../base/text.ts'
import { dayOf, MINUTE_MS } from '../../../../base/time.ts'
import { isPlatform, platformLabel } from '../../../../features/meetings/index.ts'
import {
  type InvitedPerson,
  isColleague,
  readersOf,
  type SharingPolicy,
  transcriptPath,
} from '../../../../features/transcripts/index.ts'
import { Foreign } from '../../components/blocks.tsx'
import { StatusMark } from '../../components/mark.tsx'
import { duration, longDay } from '../../formats.ts'
import type { Reader } from '../../reader.ts'
import type { Status } from '../../status.ts'
import { describeWhen, type TranscriptView } from './read-view.ts'
import type { Phase } from './transcript-phase.ts'

const marks: Partial<Record<Phase, Status>> = {
  live: { word: 'Live', shape: 'ringed-dot', role: 'active' },
  preparing: { word: 'Being prepared', shape: 'three-quarter-circle', role: 'active' },
}

interface TranscriptHeadProps {
  reader: Reader
  view: TranscriptView
  phase: Phase
  sharing: SharingPolicy
  zone: string
}

/** What one looks at: which meeting, when, with whom, and who else can see it. */
export function TranscriptHeading({ reader, view, phase, sharing, zone }: TranscriptHeadProps) {
  const { meeting } = reader
  const platform = isPlatform(meeting.platform) ? platformLabel(meeting.platform) : meeting.platform
  const mark = marks[phase]
  const durationMs = view.transcript?.recording?.durationMs ?? null
  return (
    <header class="heading">
      {reader.isAdmin ? (
        <p class="back">
          <a href={`/dashboard/meetings/${meeting.id}/`}>← Meeting</a>
        </p>
      ) : null}
      <p class="eyebrow">
        {mark ? <StatusMark status={mark} /> : null}
        <span>Transcript · {platform}</span>
        {mark ? <span data-connection></span> : null}
      </p>
      <h1>
        <Foreign text={view.title} />
      </h1>
      <p>
        <time datetime={meeting.startsAt.toISOString()} data-ends={meeting.endsAt.toISOString()} data-zone={zone}>
          {describeWhen(meeting, zone)}
        </time>{' '}
        <span class="muted">({zone})</span>
        {durationMs === null ? null : (
          <span class="muted"> · {duration(Math.max(durationMs, MINUTE_MS))} recorded</span>
        )}
      </p>
      {view.head.people.length === 0 ? null : (
        <p>
          <span class="muted">In the room:</span>{' '}
          {view.head.people.map((name, index) => (
            <>
              {index === 0 ? '' : ', '}
              <Foreign text={name} />
            </>
          ))}
        </p>
      )}
      {reader.heard ? null : <Access reader={reader} sharing={sharing} zone={zone} />}
    </header>
  )
}

function Access({ reader, sharing, zone }: { reader: Reader; sharing: SharingPolicy; zone: string }) {
  const readers = readersOf(reader.people, sharing)
  return (
    <details class="access">
      <summary>
        {describeReaders(readers.length, reader.people.length)}
        {reader.linkEndsAt === undefined ? null : `; your link works until ${longDay(dayOf(reader.linkEndsAt, zone))}`}
      </summary>
      <ul>
        {readers.map((person) => (
          <li>
            <PersonName person={person} />
            {isColleague(person, sharing) ? null : <span class="muted"> (outside the organisation)</span>}
          </li>
        ))}
        <li>Administrators of the organisation</li>
      </ul>
    </details>
  )
}

function describeReaders(readers: number, invited: number): string {
  if (readers === 0) return 'Only administrators can read this'
  if (readers < invited) return `${readers} of the ${countOf(invited, 'person', 'people')} invited can read this`
  return readers === 1 ? 'The one person invited can read this' : `The ${readers} people invited can read this`
}

function PersonName({ person }: { person: InvitedPerson }) {
  if (person.name === null) return <Foreign text={person.email} />
  return (
    <>
      <Foreign text={person.name} /> <span class="muted">{person.email}</span>
    </>
  )
}

/** What can be taken away. Plain links, so that they work without a script. */
export function TakeAway({ meetingId, hasAudio }: { meetingId: string; hasAudio: boolean }) {
  const path = transcriptPath(meetingId)
  return (
    <p class="take">
      <span data-copy-all></span>
      <a class="button" href={`${path}transcript.txt`} download>
        Text
      </a>
      <a class="button" href={`${path}transcript.vtt`} download>
        Subtitles
      </a>
      {hasAudio ? (
        <a class="button" href={`${path}audio`} download>
          Sound
        </a>
      ) : null}
    </p>
  )
}
