import { describe, expect, test } from 'vitest'
import {
  applyChangedFile,
  applyRules,
  dryRunRules,
  explainDecision,
  listDecisions,
  listRuleVersions,
  readMeeting,
  refuseBot,
  wantBot,
} from '../../src/features/meetings/index.ts'
import { ana, ben, openPlan } from '../support/open-plan.ts'
import { type Copy, findBrokenInvariants, NOW } from '../support/plan-world.ts'

const { deps, world } = await openPlan()
const kim = 'kim@customer.example'
const planning: Copy = {
  uid: 'planning',
  room: 'one',
  start: 60,
  title: 'Planning',
  organizer: ana,
  attendees: [ana, ben],
}

const apply = (document: unknown, by = ana) => applyRules(deps(), { source: JSON.stringify(document), path: null, by })
const skip = (when: unknown, name = 'Left out') => ({ rules: [{ name, when, decision: 'skip' }] })

async function only() {
  expect(await findBrokenInvariants(world.db)).toEqual([])
  const row = await world.db.selectFrom('meeting').select('id').executeTakeFirstOrThrow()
  const meeting = await readMeeting(world.db, row.id)
  if (!meeting) throw new Error('gone')
  const bots = await world.db.selectFrom('bot').select('state').orderBy('createdAt').orderBy('state').execute()
  const { id, decision, reason, reasonDetail } = meeting
  return { id, decision, reason, reasonDetail, sentence: explainDecision(meeting, NOW), bots: bots.map((b) => b.state) }
}

describe('A rule', () => {
  test('against a meeting cancels its bot, with its name as the reason; taking it back plans the bot again', async () => {
    await world.put(ana, 'planning', [planning])
    expect(await only()).toMatchObject({ decision: 'attend', bots: ['scheduled'] })
    expect(await apply(skip({ title: ['planning'] }))).toMatchObject({
      isNew: true,
      version: 1,
      written: 1,
      bots: { calledOff: 1 },
    })
    expect(await only()).toMatchObject({
      decision: 'skip',
      reason: 'rule',
      reasonDetail: { rule: 'Left out' },
      sentence: 'Not attended: the rule “Left out” leaves it out.',
      bots: ['cancelled'],
    })
    await apply({ rules: [] })
    expect(await only()).toMatchObject({ decision: 'attend', reason: 'wanted' })
  })

  test('for a meeting attends what the default rules would leave out', async () => {
    await world.put(ana, 'planning', [{ ...planning, kind: 'focus_time' }])
    expect(await only()).toMatchObject({ decision: 'skip', reason: 'focus_time' })
    await apply({ rules: [{ name: 'Ana', when: { organizer: [ana] }, decision: 'attend' }] })
    expect(await only()).toMatchObject({
      decision: 'attend',
      reason: 'rule',
      sentence: 'To be attended: the rule “Ana” says so.',
    })
  })

  test('sees answers as they come in: one more acceptance moves the decision', async () => {
    await apply(skip({ accepted: { atMost: 1 } }))
    const asked: Copy = { ...planning, response: 'needs_action' }
    await world.put(ana, 'planning', [asked])
    await world.put(ben, 'planning', [asked])
    expect(await only()).toMatchObject({ decision: 'skip', reason: 'rule' })
    await world.put(ben, 'planning', [{ ...asked, response: 'accepted' }])
    expect(await only()).toMatchObject({ decision: 'attend' })
    await world.put(ben, 'planning', [{ ...asked, response: 'tentative' }])
    expect(await only()).toMatchObject({ decision: 'skip' })
  })

  test('sees who is from outside, out of the invitation', async () => {
    await apply(skip({ external: { atLeast: 1 } }))
    await world.put(ana, 'planning', [planning])
    expect(await only()).toMatchObject({ decision: 'attend' })
    await world.put(ana, 'planning', [{ ...planning, attendees: [ana, ben, kim] }])
    expect(await only()).toMatchObject({ decision: 'skip', reason: 'rule' })
  })

  test('counts people whom the invitation does not show, without a variant for each', async () => {
    await apply(skip({ people: { atMost: 5 } }))
    for (let i = 0; i < 6; i++) {
      const person = `person${i}@example.com`
      await world.put(person, 'planning', [{ ...planning, attendees: [person, ana] }])
    }
    const people = Array.from({ length: 6 }, (_, i) => `person${i}@example.com`)
    await world.put(ana, 'planning', [{ ...planning, attendees: people }])
    expect(await only()).toMatchObject({ decision: 'attend', reasonDetail: { copies: 7 } })
    const variants = await world.db.selectFrom('occurrenceVariant').select('copies').orderBy('copies').execute()
    expect(variants).toEqual([{ copies: 1 }, { copies: 6 }])
  })

  test('finds people by the copies they hold where the invitation names only a group', async () => {
    await apply(skip({ participant: [ben] }))
    const group = { attendees: [], groups: ['team@example.com'] }
    world.groups.set('team@example.com', [ben, 'caro@example.com'])
    await world.put(ana, 'planning', [{ ...planning, ...group }])
    expect(await only()).toMatchObject({ decision: 'attend' })
    await world.put(ben, 'planning', [{ ...planning, ...group }])
    expect(await only()).toMatchObject({ decision: 'skip', reason: 'rule' })
    await world.put(ben, 'planning', [{ ...planning, ...group, response: 'declined' }])
    expect(await only()).toMatchObject({ decision: 'attend' })
  })
})

describe('What people asked for themselves', () => {
  test('comes before every rule: somebody who is never recorded', async () => {
    await apply({ neverRecord: [ben], rules: [{ name: 'All', decision: 'attend' }] })
    await world.put(ana, 'planning', [planning])
    expect(await only()).toMatchObject({
      decision: 'skip',
      reason: 'person_opted_out',
      sentence: 'Not attended: ben@example.com takes part, who is never to be recorded.',
    })
  })

  test('is a word that can be another one, without reading calendars again', async () => {
    await world.put(ana, 'planning', [{ ...planning, description: 'Between us #privat' }])
    expect(await only()).toMatchObject({ decision: 'attend' })
    await apply({ optOutWords: ['#Privat'] })
    expect(await only()).toMatchObject({ reason: 'opted_out', sentence: 'Not attended: the invitation says #privat.' })
    await apply({ optOutWords: [] })
    expect(await only()).toMatchObject({ decision: 'attend' })
  })

  test.each([
    ['opted_out', { description: '#norecord' }],
    ['private', { visibility: 'private' }],
  ] as const)('%s holds against a rule that attends everything', async (reason, change) => {
    await apply({ rules: [{ name: 'All', decision: 'attend' }] })
    await world.put(ana, 'planning', [{ ...planning, ...change }])
    expect(await only()).toMatchObject({ decision: 'skip', reason })
  })

  test('for one meeting wins over rules that change later', async () => {
    await world.put(ana, 'planning', [planning])
    const { id } = await only()
    await refuseBot(deps(), { meetingId: id, by: ben })
    await apply({ rules: [{ name: 'All', decision: 'attend' }] })
    expect(await only()).toMatchObject({ decision: 'skip', reason: 'stopped_by_person' })
    await wantBot(deps(), { meetingId: id, by: ben })
    await apply(skip({}))
    expect(await only()).toMatchObject({ decision: 'attend', reason: 'sent_by_person' })
  })
})

describe('Rules in force', () => {
  test('keep who changed them and when; the same text again is no change', async () => {
    await apply(skip({ allDay: true }), ana)
    world.clock.advance(60_000)
    await apply(skip({ allDay: true }), ben)
    await apply(skip({ allDay: false }), ben)
    expect(await listRuleVersions(world.db, 10)).toMatchObject([
      { version: 2, changedBy: ben, changedAt: new Date(NOW.getTime() + 60_000) },
      { version: 1, changedBy: ana, changedAt: NOW },
    ])
  })

  test('stay when a text is refused', async () => {
    await world.put(ana, 'planning', [planning])
    await apply(skip({ title: ['planning'] }))
    await expect(apply({ rules: [{ name: 'X', decision: 'perhaps' }] })).rejects.toThrow(
      'Rule "X", decision: "perhaps"',
    )
    expect(await only()).toMatchObject({ reason: 'rule' })
    expect(await listRuleVersions(world.db, 10)).toHaveLength(1)
  })

  test('leave the answers of the past as they were, and every answer in the history with its rule', async () => {
    await world.put(ana, 'planning', [planning])
    await apply(skip({ title: ['planning'] }, 'First'))
    await apply(skip({ title: ['planning'] }, 'Second'))
    world.clock.advance(3 * 3_600_000)
    await apply({ rules: [] })
    const { id, decision, reasonDetail } = await only()
    expect({ decision, reasonDetail }).toMatchObject({ decision: 'skip', reasonDetail: { rule: 'Second' } })
    const history = await listDecisions(world.db, id, 10)
    expect(history.map((one) => [one.reason, one.reasonDetail.rule, one.origin])).toEqual([
      ['rule', 'Second', 'rules'],
      ['rule', 'First', 'rules'],
      ['wanted', undefined, 'calendar'],
    ])
  })

  test('come from their file when it was changed, and an edit made elsewhere is not undone by it', async () => {
    const file = (document: unknown) =>
      applyChangedFile(deps(), { source: JSON.stringify(document), path: '/etc/rules.json', by: 'the file' })
    expect(await file(skip({ allDay: true }))).toBe(1)
    expect(await file(skip({ allDay: true }))).toBeUndefined()
    await apply({ rules: [] })
    expect(await file(skip({ allDay: true }))).toBeUndefined()
    expect(await file(skip({ allDay: false }))).toBe(3)
    // Another machine has the same file elsewhere.
    const elsewhere = { source: JSON.stringify(skip({ allDay: true })), path: '/srv/rules.json', by: 'the file' }
    expect(await applyChangedFile(deps(), elsewhere)).toBeUndefined()
  })

  test('reach a meeting that is planned at the same moment', async () => {
    const writing = Array.from({ length: 8 }, (_, i) =>
      world.put(`person${i}@example.com`, `planning-${i}`, [{ ...planning, uid: `planning-${i}`, room: `room-${i}` }]),
    )
    await Promise.all([...writing, apply(skip({ title: ['planning'] }))])
    const rows = await world.db.selectFrom('meeting').select('reason').execute()
    expect(rows.map((row) => row.reason)).toEqual(Array(8).fill('rule'))
    expect(await findBrokenInvariants(world.db)).toEqual([])
  })
})

describe('A dry run', () => {
  test('says what would change in the coming week, before and after, and writes nothing', async () => {
    await world.put(ana, 'planning', [planning])
    await world.put(ana, 'secret', [
      { ...planning, uid: 'secret', room: 'two', visibility: 'private', title: 'Surgery' },
    ])
    await world.put(ana, 'later', [{ ...planning, uid: 'later', room: 'three', start: 8 * 24 * 60 }])
    const before = await world.db.selectFrom('meeting').selectAll().orderBy('id').execute()
    const source = JSON.stringify({
      rules: [
        { name: 'Private too', when: { private: true }, decision: 'attend' },
        { name: 'No planning', when: { title: ['planning'] }, decision: 'skip' },
      ],
    })
    const result = await dryRunRules(deps(), { source, days: 7 })
    expect(result).toMatchObject({ meetings: 2, more: 1, less: 1, sameForOtherReason: 0 })
    expect(result.effects.toSorted((a, b) => (a.title < b.title ? -1 : 1))).toMatchObject([
      {
        title: 'Planning',
        attendance: 'less',
        before: 'To be attended: the person invited from here has not declined.',
        after: 'Not attended: the rule “No planning” leaves it out.',
      },
      { title: 'Private meeting', attendance: 'more', before: 'Not attended: it is marked private.' },
    ])
    expect(await world.db.selectFrom('meeting').selectAll().orderBy('id').execute()).toEqual(before)
    expect(await listRuleVersions(world.db, 10)).toEqual([])
  })
})
