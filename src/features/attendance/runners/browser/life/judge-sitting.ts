import type { BotEnd, BotHappening, SittingLimits } from '../../../../bots/index.ts'
import type { Observation, RoomState } from '../../../platforms/platform.ts'
import type { Hearing } from '../../runner.ts'

/** What a judgement rests on, at one instant. */
interface Look {
  nowMs: number
  observation: Observation
  /** Participants who count. */
  company: number
  hearing: Hearing
  /** When the last sound was heard; undefined: none yet. */
  soundAtMs: number | undefined
  /** The meeting's end. */
  endsAtMs: number
  /** Until then the next meeting of the room is waited for. */
  staysUntilMs: number
}

/** `withdraw`: our page still stands in the lobby or the room and has to go. */
export type Ending = Extract<BotHappening, { end: BotEnd }> & { withdraw: boolean }

interface Judgement {
  moves: BotHappening[]
  ending?: Ending
}

type Phase = 'joining' | 'lobby' | 'room'

const BROKEN_EARS: readonly Hearing[] = ['page_gone', 'unconnected', 'no_frames']

/**
 * Judges a sitting from one look to the next: what has happened, and whether it is over. Keeps no time of its own, so a night can be judged
 * in a moment.
 */
export function createJudge(limits: SittingLimits, askedAtMs: number) {
  let phase: Phase = 'joining'
  let phaseSinceMs = askedAtMs
  let hadCompany = false
  let companyAtMs = askedAtMs
  let knownAtMs = askedAtMs
  let earsAtMs = askedAtMs
  let silentSinceMs = askedAtMs
  let roomSinceMs: number | undefined

  function enter(next: Phase, nowMs: number): BotHappening[] {
    if (phase === next) return []
    phase = next
    phaseSinceMs = nowMs
    if (next === 'lobby') return [{ event: 'put_in_waiting_room' }]
    roomSinceMs ??= nowMs
    companyAtMs = nowMs
    earsAtMs = nowMs
    silentSinceMs = nowMs
    return [{ event: 'joined_meeting' }]
  }

  function judgeRoom(look: Look): Ending | undefined {
    const { nowMs, company, hearing, endsAtMs } = look
    if (company > 0) {
      hadCompany = true
      companyAtMs = nowMs
    }
    if (nowMs < look.staysUntilMs) {
      hadCompany = false
      companyAtMs = nowMs
      roomSinceMs = nowMs
    }
    const aloneForMs = nowMs - companyAtMs
    const isTooLong = hadCompany
      ? aloneForMs >= limits.aloneMs
      : aloneForMs >= limits.nobodyCameMs || (nowMs >= endsAtMs && aloneForMs >= limits.aloneMs)
    if (isTooLong) return leaving('auto_leave_only_participant_in_meeting', { hadCompany })

    if (company === 0 || !BROKEN_EARS.includes(hearing)) earsAtMs = nowMs
    if (nowMs - earsAtMs >= limits.deafMs)
      return { event: 'fatal_error', end: 'media_dead', detail: { hearing }, withdraw: true }

    // Whoever does not hear well knows nothing of silence.
    const countsFromMs = (roomSinceMs ?? nowMs) + limits.silenceArmedAfterMs
    if (hearing !== 'well') silentSinceMs = nowMs
    silentSinceMs = Math.max(silentSinceMs, look.soundAtMs ?? 0)
    if (nowMs - Math.max(silentSinceMs, countsFromMs) >= limits.silenceMs) return leaving('auto_leave_silence')
    return undefined
  }

  function judgeTime({ nowMs, observation, endsAtMs }: Look): Ending | undefined {
    if (nowMs - askedAtMs >= limits.uptimeMs && phase !== 'joining') return leaving('auto_leave_max_uptime_exceeded')
    if (phase === 'lobby' && (nowMs - phaseSinceMs >= limits.lobbyMs || nowMs >= endsAtMs))
      return refused('waiting_room_timeout_exceeded', true)
    const unknownForMs = nowMs - knownAtMs
    if (phase === 'joining' && nowMs - phaseSinceMs >= limits.joiningMs)
      return refused(observation.state === 'unknown' ? 'ui_element_not_found' : 'unable_to_connect_to_meeting', true)
    if (phase !== 'joining' && unknownForMs >= limits.unknownMs)
      return {
        event: 'fatal_error',
        end: 'ui_element_not_found',
        detail: { evidence: observation.evidence },
        withdraw: true,
      }
    return undefined
  }

  return (look: Look): Judgement => {
    const { observation, nowMs } = look
    const final = endingOf(observation.state, phase)
    if (final) return { moves: [], ending: final }
    const moves: BotHappening[] = []
    if (observation.state === 'lobby') moves.push(...enter('lobby', nowMs))
    // One proof may be a page that is still being drawn.
    const isIn = observation.state === 'in_meeting' && new Set(observation.evidence).size >= 2
    if (isIn) moves.push(...enter('room', nowMs))
    if (observation.state === 'lobby' || isIn) knownAtMs = nowMs
    const ending = (isIn ? judgeRoom(look) : undefined) ?? judgeTime(look)
    return ending ? { moves, ending } : { moves }
  }
}

/** What a state that nothing follows means, depending on how far the bot had come. */
function endingOf(state: RoomState, phase: Phase): Ending | undefined {
  const over = { event: 'meeting_ended', end: 'meeting_ended', withdraw: false } as const
  if (state === 'ended') return over
  if (phase === 'room') {
    if (state === 'removed' || state === 'denied')
      return { event: 'meeting_ended', end: 'removed_from_meeting', withdraw: false }
    if (state === 'disconnected') return { event: 'fatal_error', end: 'connection_lost', withdraw: false }
    // We did not press the button, so it is the room that let us go.
    if (state === 'left') return over
    return undefined
  }
  if (state === 'denied' || state === 'removed') return refused('request_to_join_denied', false)
  if (state === 'lobby_timed_out') return refused('waiting_room_timeout_exceeded', false)
  if (state === 'disconnected') return refused('unable_to_connect_to_meeting', false)
  if (state === 'not_found') return refused('meeting_not_found', false)
  if (state === 'login_required') return refused('login_required', false)
  return undefined
}

function refused(end: BotEnd, withdraw: boolean): Ending {
  return { event: 'could_not_join_meeting', end, withdraw }
}

function leaving(end: BotEnd, detail?: Record<string, unknown>): Ending {
  return { event: 'leave_requested', end, ...(detail ? { detail } : {}), withdraw: true }
}
