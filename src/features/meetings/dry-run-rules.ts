import { DAY_MS } from '../../base/time.ts'
import { type Database, inSnapshot } from '../../platform/db/index.ts'
import { explainDecision } from './explain-decision.ts'
import type { Meeting } from './meeting.ts'
import { isDecidedAnew, listOccurrencesToSweep } from './meeting-store.ts'
import { beginPlan } from './plan-lock-store.ts'
import { computePlan, type ReconcileDeps } from './reconcile-meetings.ts'
import { compileRules } from './rules/compile-rules.ts'
import { type RuleContext, readRules } from './rules/read-rules.ts'

const PAGE_MEETINGS = 200
/** Changes that are told one by one; the rest is counted. */
const MAX_CHANGES = 1_000

/** What other rules would change about one meeting. */
interface RuleEffect {
  meetingId: string
  title: string
  startsAt: Date
  before: string
  after: string
  /** Whether a bot would come that does not now, or the other way round; unchanged where only the reason would differ. */
  attendance: 'more' | 'less' | 'same'
}

export interface DryRun {
  /** Meetings of the days looked at. */
  meetings: number
  more: number
  less: number
  sameForOtherReason: number
  /** In the order of their start; at most 1,000. */
  effects: RuleEffect[]
}

/** Says what a text of rules would change about the meetings of the coming days, and writes nothing. Throws `rules_invalid`. */
export async function dryRunRules(
  deps: ReconcileDeps & { db: Database; ruleContext: RuleContext },
  input: { source: string; days: number },
): Promise<DryRun> {
  const candidate = compileRules(readRules(input.source, deps.ruleContext), -1, deps.ruleContext)
  const now = deps.clock.now()
  const until = new Date(now.getTime() + input.days * DAY_MS)
  const effects: RuleEffect[] = []
  let meetings = 0
  let afterId: string | undefined
  for (;;) {
    const page = await listOccurrencesToSweep(deps.db, { endsAfter: now, startsBefore: until }, afterId, PAGE_MEETINGS)
    if (page.lastId === undefined) break
    afterId = page.lastId
    const { plan, stored } = await inSnapshot(deps.db, async (trx) => {
      const { policy } = await beginPlan(trx, [])
      const scope = { policy, near: [], changes: [] }
      return computePlan({ ...deps, rulesInForce: async () => candidate }, trx, page.refs, scope)
    })
    const before = new Map(stored.map((meeting) => [meeting.id, meeting]))
    const planned = plan.meetings.filter((meeting) => before.has(meeting.id) && meeting.startsAt < until)
    meetings += planned.length
    for (const meeting of planned) {
      const old = before.get(meeting.id)
      if (old && isDecidedAnew(meeting, old)) effects.push(effectOn(old, meeting, now))
    }
  }
  const count = (attendance: RuleEffect['attendance']) => effects.filter((e) => e.attendance === attendance).length
  return {
    meetings,
    more: count('more'),
    less: count('less'),
    sameForOtherReason: count('same'),
    effects: effects.toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime()).slice(0, MAX_CHANGES),
  }
}

function effectOn(before: Meeting, after: Meeting, now: Date): RuleEffect {
  const [was, would] = [before.decision !== 'skip', after.decision !== 'skip']
  return {
    meetingId: after.id,
    title: after.isPrivate ? 'Private meeting' : after.title || '(no title)',
    startsAt: after.startsAt,
    before: explainDecision(before, now),
    after: explainDecision(after, now),
    attendance: was === would ? 'same' : would ? 'more' : 'less',
  }
}
