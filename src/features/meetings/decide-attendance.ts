import type { Decision, Reason, ReasonDetail } from './meeting.ts'
import type { OccurrenceVariant } from './occurrence.ts'
import { applyRules } from './rules.ts'

/** Whether the organisation lets bots go to meetings. */
export type AttendanceMode = 'observing' | 'on'

export interface PlanContext {
  now: Date
  attendance: AttendanceMode
  /** The runner that serves a platform; undefined where there is none. */
  runnerOf(platform: string): string | undefined
}

export interface DecisionResult {
  decision: Decision
  reason: Reason
  reasonDetail: ReasonDetail
}

/** What a person wants for a meeting wins over the plan, as far as it can be done. */
export function applyWish(
  verdict: DecisionResult,
  wish: 'attend' | 'none' | null,
  meeting: { platform: string; endsAt: Date },
  context: PlanContext,
): DecisionResult {
  if (wish === null || meeting.endsAt <= context.now) return verdict
  if (wish === 'none')
    return verdict.decision === 'skip' ? verdict : { ...verdict, decision: 'skip', reason: 'stopped_by_person' }
  const canJoin = context.runnerOf(meeting.platform) !== undefined
  return { ...verdict, decision: canJoin ? 'attend' : 'no_runner', reason: 'sent_by_person' }
}

/** Decides on one meeting from what its copies say, with the reason. `said` is the copy that speaks for it. */
export function decideAttendance(
  said: OccurrenceVariant,
  variants: readonly OccurrenceVariant[],
  context: PlanContext,
): DecisionResult {
  const total = (name: 'copies' | 'supporting' | 'declined' | 'cancelled') =>
    variants.reduce((sum, variant) => sum + variant[name], 0)
  const reasonDetail = { supporting: total('supporting'), copies: total('copies') }
  const skip = (reason: Reason): DecisionResult => ({ decision: 'skip', reason, reasonDetail })
  if (total('supporting') === 0) {
    if (total('copies') === 0) return skip('gone')
    if (total('cancelled') > 0) return skip('cancelled')
    if (total('declined') > 0) return skip('all_declined')
    return skip('no_connected_calendar')
  }
  if (said.endsAt <= context.now) return skip('already_over')
  const reason = applyRules({ said, isOptedOut: variants.some((v) => v.isOptedOut && v.supporting > 0) })
  if (reason !== 'wanted') return skip(reason)
  if (context.runnerOf(said.platform) === undefined) return { decision: 'no_runner', reason, reasonDetail }
  return { decision: context.attendance === 'on' ? 'attend' : 'observe', reason, reasonDetail }
}
