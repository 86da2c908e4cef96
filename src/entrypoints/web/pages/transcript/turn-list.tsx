import {
  describeGap,
  languageName,
  missingText,
  nameSpeakers,
  type Transcript,
  type Turn,
  type TurnUtterance,
} from '../../../../features/transcripts/index.ts'
import { Foreign } from '../../components/blocks.tsx'
import { initialsOf, stamp } from '../../formats.ts'

interface TurnItemsProps {
  turns: readonly Turn[]
  /** Whether there is sound that a time can lead to. */
  hasAudio: boolean
}

/** Turns as entries of a list, in order. Their ids are the addresses of their moments. */
export function TurnItems({ turns, hasAudio }: TurnItemsProps) {
  return (
    <>
      {turns.map((turn) => (
        <li class="turn" id={turn.id}>
          {turn.gapsBefore.map((gap) => (
            <p class="gap">{describeGap(gap)}</p>
          ))}
          <span class={turn.speaker.isKnown ? 'tile' : 'tile unknown'} aria-hidden="true">
            {turn.speaker.isKnown ? initialsOf(turn.speaker.label) : '?'}
          </span>
          <p class="by">
            <b>
              <Foreign text={turn.speaker.label} />
            </b>{' '}
            <Moment turn={turn} hasAudio={hasAudio} />
          </p>
          <p class="said" dir="auto">
            {turn.pieces.map((piece) => (
              <PieceText piece={piece} />
            ))}
          </p>
        </li>
      ))}
    </>
  )
}

function Moment({ turn, hasAudio }: { turn: Turn; hasAudio: boolean }) {
  const time = <time datetime={`PT${turn.startedMs / 1_000}S`}>{stamp(turn.startedMs)}</time>
  return hasAudio ? <a href={`#${turn.id}`}>{time}</a> : time
}

// One element for each utterance, so that what is added to a growing turn is announced by itself.
function PieceText({ piece }: { piece: TurnUtterance }) {
  if (piece.reason !== null) return <em class="missing">{missingText(piece)} </em>
  const lang = piece.otherLanguage ?? undefined
  return (
    <>
      {lang === undefined ? null : (
        <>
          <small class="language" dir="ltr">
            {languageName(lang)}
          </small>{' '}
        </>
      )}
      {piece.isUnclear ? (
        <span class="unclear" lang={lang} title="Unclear: these words may be wrong">
          <span class="hidden">[unclear] </span>
          {piece.text}{' '}
        </span>
      ) : (
        <span lang={lang}>{piece.text} </span>
      )}
    </>
  )
}

/** Who has said something that is not text yet. Never part of the log, of copies or of files. */
export function PendingItems({ transcript }: { transcript: Transcript }) {
  const labels = nameSpeakers(transcript.participants)
  const pending = transcript.utterances.filter(({ state }) => state === 'heard')
  const names = new Set(pending.map(({ participantId }) => labels.get(participantId)?.label ?? 'Unknown speaker'))
  return (
    <>
      {[...names].map((name) => (
        <p>
          <Foreign text={name} /> … <em>still being written</em>
        </p>
      ))}
    </>
  )
}
