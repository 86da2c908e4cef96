import type { App } from '../src/app.ts'
import { applyRules, switchAttendance } from '../src/features/meetings/index.ts'

/** As an administrator may write them: they look at people, answers, words and hours, and decide on none of these meetings. */
const RULES = {
  neverRecord: ['nobody@example.com', 'nobody.else@example.com'],
  rules: [
    { name: 'Interviews', when: { title: ['interview', '1:1'] }, decision: 'skip' },
    { name: 'One person', when: { participant: ['chief@example.com'] }, decision: 'skip' },
    { name: 'Alone', when: { people: { atMost: 1 } }, decision: 'skip' },
    { name: 'Nobody accepted', when: { accepted: { atMost: 0 } }, decision: 'skip' },
    { name: 'At night', when: { startsWithin: { zone: 'UTC', from: '22:00', to: '06:00' } }, decision: 'skip' },
  ],
}

/** Switches attendance on, under these rules. */
export async function putRulesInForce(app: Pick<App, 'db' | 'reconcile' | 'ruleContext'>): Promise<void> {
  const deps = { ...app.reconcile, db: app.db, ruleContext: app.ruleContext }
  await applyRules(deps, { source: JSON.stringify(RULES), path: null, by: 'bench' })
  await switchAttendance(deps, { mode: 'on', by: 'bench' })
}
