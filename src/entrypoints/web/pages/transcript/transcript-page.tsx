import { MINUTE_MS } from '../../../../base/time.ts'
import { listBots, keepsNoRecording as readKeepsNoRecording } from '../../../../features/bots/index.ts'
import { describeGap, mayHearSound, transcriptPath } from '../../../../features/transcripts/index.ts'
import { Banner, EmptyState } from '../../components/blocks.tsx'
import { keepLink } from '../../find-reader.ts'
import { organisationName } from '../../organisation-name.ts'
import { readZone } from '../../read-query.ts'
import type { Reader } from '../../reader.ts'
import { renderPage } from '../../render-page.tsx'
import type { WebContext } from '../../route.ts'
import type { WebDeps } from '../../web-deps.ts'
import { Keys, Player } from './player.tsx'
import { readView, type TranscriptView } from './read-view.ts'
import { readerOf } from './reader-of.ts'
import { TakeAway, TranscriptHeading } from './transcript-head.tsx'
import { type Absence, explainAbsence, type Phase, phaseOf } from './transcript-phase.ts'
import { PendingItems, TurnItems } from './turn-list.tsx'

/** A page that waits for its meeting follows it from this long before the start. */
const FOLLOW_BEFORE_MS = 60 * MINUTE_MS

const NOTHING_HEARD: Absence = {
  title: 'Nothing was said while you were in the room',
  text: 'You were not invited to this meeting, so you read only what was said while you were there.',
}

const OF_SEVERAL =
  'The sound of this meeting goes on into the next one in its room and could not be cut, so it is for those who may hear both.'

/** The transcript of a meeting, from "not begun" to "erased", for those who may read it. */
export async function showTranscript(c: WebContext, deps: WebDeps): Promise<Response> {
  const reader = readerOf(c)
  const zone = readZone(c, deps)
  const view = await readView(deps, reader, zone)
  const phase = phaseOf(view.transcript)
  const now = deps.clock.now()
  const isReadable = view.turns.length > 0 && view.transcript?.state !== 'failed'
  const bots = isReadable ? [] : await listBots(deps.db, [reader.meeting.id])
  const absence = isReadable
    ? null
    : reader.heard && view.transcript
      ? NOTHING_HEARD
      : explainAbsence({ meeting: reader.meeting, transcript: view.transcript, notes: view.head.notes, bots, now })
  const recording = view.transcript?.recording
  const isThere = deps.audio !== undefined && reader.heard === undefined && recording?.state === 'complete'
  const hasAudio = isThere && (await mayHearSound(deps, recording.alsoOf, reader, deps.transcripts.sharing))
  const keepsNoRecording = await readKeepsNoRecording(deps.db, reader.meeting.id)
  keepLink(c, reader)
  return renderPage(
    c,
    deps,
    { title: view.title, organisation: organisationName(deps), transcript: 'scripted' },
    <article
      class="transcript"
      data-transcript={transcriptPath(reader.meeting.id)}
      data-phase={followedPhase(phase, reader, now)}
      data-seq={view.transcript?.lastSeq ?? 0}
    >
      <TranscriptHeading reader={reader} view={view} phase={phase} sharing={deps.transcripts.sharing} zone={zone} />
      {reader.heard ? null : <Remarks view={view} />}
      {absence === null ? <TakeAway meetingId={reader.meeting.id} hasAudio={hasAudio} /> : null}
      {isThere && !hasAudio && absence === null ? <p class="muted">{OF_SEVERAL}</p> : null}
      {hasAudio ? <Player meetingId={reader.meeting.id} fromMs={recording?.fileStartedMs ?? 0} /> : null}
      <Body view={view} phase={phase} absence={absence} hasAudio={hasAudio} />
      <p class="hidden" role="status" data-status></p>
      {hasAudio ? <Keys /> : null}
      {absence === null ? <Origin keepsNoRecording={keepsNoRecording} /> : null}
    </article>,
  )
}

/** Nothing is followed for hours before it begins. */
function followedPhase(phase: Phase, { meeting }: Reader, now: Date): Phase {
  const isFar = meeting.startsAt.getTime() - now.getTime() > FOLLOW_BEFORE_MS || meeting.endsAt <= now
  return phase === 'waiting' && isFar ? 'over' : phase
}

function Remarks({ view }: { view: TranscriptView }) {
  const { transcript, turns } = view
  if (transcript?.state === 'partial' && turns.length > 0) {
    return (
      <Banner tone="warn">
        <p>Parts of this meeting are missing. Where they are is said below.</p>
      </Banner>
    )
  }
  return null
}

interface BodyProps {
  view: TranscriptView
  phase: Phase
  absence: Absence | null
  hasAudio: boolean
}

function Body({ view, phase, absence, hasAudio }: BodyProps) {
  const isLive = phase === 'live' || phase === 'preparing'
  return (
    <section aria-label="Transcript" class="text">
      {absence === null ? null : (
        <EmptyState title={absence.title}>
          <p>{absence.text}</p>
        </EmptyState>
      )}
      {view.turns.length === 0 ? null : view.head.notes.map((note) => <p class="gap">{note}</p>)}
      <div {...(isLive ? { role: 'log', 'aria-live': 'polite', 'aria-label': 'What is said' } : {})}>
        <ol class="turns" data-turns>
          <TurnItems turns={view.turns} hasAudio={hasAudio} />
        </ol>
      </div>
      {view.turns.length === 0 || isLive ? null : view.gapsAfter.map((gap) => <p class="gap">{describeGap(gap)}</p>)}
      {isLive ? (
        <>
          <div class="pending" data-pending>
            {view.transcript ? <PendingItems transcript={view.transcript} /> : null}
          </div>
          <noscript>
            <p class="gap">Reload this page to see what was said since.</p>
          </noscript>
        </>
      ) : null}
      <div class="back-to" data-back-to hidden>
        <button type="button"></button>
      </div>
    </section>
  )
}

function Origin({ keepsNoRecording }: { keepsNoRecording: boolean }) {
  return (
    <p class="muted origin">
      {keepsNoRecording
        ? 'No recording is kept: the text is all there is. It was written by a machine, which mishears: ask before you quote.'
        : 'Written by a machine, which mishears: listen before you quote.'}{' '}
      Names are those shown in the meeting.
    </p>
  )
}
