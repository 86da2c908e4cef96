import { describe, expect, test } from 'vitest'
import { isAppError } from '../../../base/errors.ts'
import { compileRules } from './compile-rules.ts'
import { type RuleContext, readRules } from './read-rules.ts'
import type { RuleInput } from './rule.ts'
import { findTags } from './tags.ts'

const context: RuleContext = { orgDomains: ['example.com'] }
const none = { copies: 3, supporting: 3, declined: 0, cancelled: 0, accepted: 0, tentative: 0, vanished: 0 }

function input(changes: Partial<Omit<RuleInput, 'said'>> & { said?: Partial<RuleInput['said']> } = {}): RuleInput {
  const people = changes.people ?? new Set(['ana@example.com', 'ben@example.com', 'kim@customer.example'])
  return {
    people,
    peopleCount: people.size,
    addresses: people,
    tags: new Set(),
    optOutWord: null,
    counts: none,
    ...changes,
    said: {
      isAllDay: false,
      kind: 'default',
      visibility: 'default',
      title: 'Board meeting',
      organizerEmail: 'ana@example.com',
      // A Wednesday, 09:30 in Vienna.
      startsAt: new Date('2026-11-25T08:30:00Z'),
      platform: 'zoom',
      ...changes.said,
    },
  }
}

const rulesOf = (document: unknown, given = context) =>
  compileRules(readRules(JSON.stringify(document), given), 1, given)
const skipWhen = (when: unknown, unless?: unknown) =>
  rulesOf({
    groups: { board: ['ana@example.com', '@board.example'] },
    rules: [{ name: 'It', when, unless, decision: 'skip' }],
  })
const matches = (when: unknown, changes = {}) => skipWhen(when).decide(input(changes)) !== undefined

describe('A condition', () => {
  const vienna = { zone: 'Europe/Vienna', days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00' }
  const night = { zone: 'Europe/Vienna', days: ['tue'], from: '22:00', to: '06:00' }
  const at = (iso: string) => ({ said: { startsAt: new Date(iso) } })

  test.each<[string, object, object, boolean]>([
    ['organizer: a person', { organizer: ['Ana@Example.com '] }, {}, true],
    ['organizer: somebody else', { organizer: ['ben@example.com'] }, {}, false],
    ['organizer: a domain', { organizer: ['@example.com'] }, {}, true],
    ['organizer: no sub-domain', { organizer: ['@ample.com'] }, {}, false],
    ['organizer: a group', { organizer: ['group:Board'] }, {}, true],
    ['organizer: not known', { organizer: ['@example.com'] }, { said: { organizerEmail: null } }, false],
    ['participant: a person', { participant: ['kim@customer.example'] }, {}, true],
    [
      'participant: an invited group',
      { participant: ['all@example.com'] },
      { addresses: new Set(['all@example.com']) },
      true,
    ],
    ['participant: nobody', { participant: ['@elsewhere.example'] }, {}, false],
    ['everyParticipant: not all', { everyParticipant: ['@example.com'] }, {}, false],
    ['everyParticipant: all', { everyParticipant: ['@example.com', '@customer.example'] }, {}, true],
    ['people: enough', { people: { atLeast: 3 } }, {}, true],
    ['people: too few', { people: { atLeast: 4 } }, {}, false],
    ['people: too many', { people: { atMost: 2 } }, {}, false],
    ['people: who may not see each other', { people: { atLeast: 40 } }, { peopleCount: 50 }, true],
    ['external: one', { external: { atLeast: 1 } }, {}, true],
    ['external: none', { external: { atMost: 0 } }, {}, false],
    ['internal: two', { internal: { atLeast: 2, atMost: 2 } }, {}, true],
    ['internal: those who are not named', { internal: { atLeast: 49 } }, { peopleCount: 50 }, true],
    ['accepted: enough', { accepted: { atLeast: 2 } }, { counts: { ...none, accepted: 2 } }, true],
    ['accepted: too few', { accepted: { atLeast: 2 } }, { counts: { ...none, accepted: 1 } }, false],
    ['tentative', { tentative: { atLeast: 1 } }, { counts: { ...none, tentative: 1 } }, true],
    ['declined', { declined: { atLeast: 1 } }, {}, false],
    ['title: a word', { title: ['board'] }, {}, true],
    ['title: not inside a word', { title: ['boa'] }, {}, false],
    ['title: a phrase over any space', { title: ['BOARD  meeting'] }, {}, true],
    ['title: signs', { title: ['1:1 (ana)'] }, { said: { title: 'The 1:1 (Ana), weekly' } }, true],
    ['title: other letters', { title: ['büro'] }, { said: { title: 'BÜRO, Wien' } }, true],
    ['tag', { tag: ['#Record'] }, { tags: new Set(['#record']) }, true],
    ['optedOut', { optedOut: true }, { optOutWord: '#norecord' }, true],
    ['private: private', { private: true }, { said: { visibility: 'private' } }, true],
    ['private: confidential', { private: true }, { said: { visibility: 'confidential' } }, true],
    ['private: not', { private: false }, {}, true],
    ['kind', { kind: ['focus_time'] }, { said: { kind: 'focus_time' } }, true],
    ['allDay', { allDay: true }, {}, false],
    ['platform', { platform: ['zoom', 'teams'] }, {}, true],
    ['startsWithin: in time', { startsWithin: vienna }, {}, true],
    ['startsWithin: at its first minute', { startsWithin: vienna }, at('2026-11-25T07:00:00Z'), true],
    ['startsWithin: at its end', { startsWithin: vienna }, at('2026-11-25T17:00:00Z'), false],
    ['startsWithin: on a Sunday', { startsWithin: vienna }, at('2026-11-29T08:30:00Z'), false],
    ['startsWithin: 08:30 local in summer too', { startsWithin: vienna }, at('2026-07-01T06:30:00Z'), true],
    ['startsOutside', { startsOutside: vienna }, at('2026-11-25T17:00:00Z'), true],
    ['startsWithin: past midnight belongs to the evening', { startsWithin: night }, at('2026-11-25T04:59:00Z'), true],
    ['startsWithin: the evening after does not', { startsWithin: night }, at('2026-11-25T22:30:00Z'), false],
    ['several conditions: all', { platform: ['zoom'], people: { atLeast: 3 } }, {}, true],
    ['several conditions: one fails', { platform: ['zoom'], people: { atLeast: 4 } }, {}, false],
    ['no condition', {}, {}, true],
  ])('%s', (_, when, changes, expected) => {
    expect(matches(when, changes)).toBe(expected)
  })
})

describe('A set of rules', () => {
  test('is asked in its order, and the first match wins', () => {
    const rules = rulesOf({
      rules: [
        { name: 'Customers', when: { external: { atLeast: 1 } }, decision: 'attend' },
        { name: 'The rest', decision: 'skip' },
      ],
    })
    expect(rules.decide(input())).toMatchObject({ name: 'Customers', decision: 'attend' })
    expect(rules.decide(input({ people: new Set(['ana@example.com']) }))).toMatchObject({ name: 'The rest' })
  })

  test('leaves out what `unless` says', () => {
    const rules = skipWhen({ platform: ['zoom'] }, { organizer: ['group:board'], people: { atLeast: 3 } })
    expect(rules.decide(input())).toBeUndefined()
    expect(rules.decide(input({ said: { organizerEmail: 'ben@example.com' } }))).toMatchObject({ name: 'It' })
  })

  test('does not attend what people marked themselves, unless the rule names the mark', () => {
    const all = rulesOf({ rules: [{ name: 'All', decision: 'attend' }] })
    const marked = [input({ optOutWord: '#norecord' }), input({ said: { visibility: 'private' } })]
    expect(all.decide(input())?.name).toBe('All')
    expect(marked.map((one) => all.decide(one))).toEqual([undefined, undefined])
    const knowing = rulesOf({
      rules: [
        { name: 'Words', when: { optedOut: true }, decision: 'attend' },
        { name: 'Private', when: { private: true }, decision: 'attend' },
      ],
    })
    expect(marked.map((one) => knowing.decide(one)?.name)).toEqual(['Words', 'Private'])
  })

  test('counts what cannot be told against recording', () => {
    const rules = (decision: string) => {
      const document = readRules(
        JSON.stringify({ rules: [{ name: 'X', when: { external: { atLeast: 1 } }, decision }] }),
        context,
      )
      return compileRules(document, 1, { orgDomains: [] })
    }
    expect(rules('skip').decide(input())?.name).toBe('X')
    expect(rules('attend').decide(input())).toBeUndefined()
  })

  test('knows who is never recorded, by address, domain and group', () => {
    const rules = rulesOf({
      neverRecord: ['ben@example.com', 'group:works council'],
      groups: { 'Works Council': ['dan@example.com'] },
    })
    expect(rules.findNeverRecorded(new Set(['ana@example.com', 'ben@example.com']))).toBe('ben@example.com')
    expect(rules.findNeverRecorded(new Set(['dan@example.com']))).toBe('dan@example.com')
    expect(rules.findNeverRecorded(new Set(['ana@example.com']))).toBeUndefined()
    expect(rules.namedAddresses).toEqual(['ben@example.com', 'dan@example.com'])
  })
})

describe('A file of rules', () => {
  const problemsOf = (source: string, given = context): string[] => {
    try {
      readRules(source, given)
    } catch (error) {
      if (!isAppError(error, 'rules_invalid')) throw error
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
    }
    return []
  }
  const rule = (changes: object) => JSON.stringify({ rules: [{ name: 'Interviews', decision: 'skip', ...changes }] })

  test('may have comments and commas that end nothing', () => {
    const source = `{
      // Who is never recorded // really
      "neverRecord": ["ana@example.com", /* for now */],
      "rules": [{ "name": "Links such as https://example.com // stay", "decision": "skip", }],
    }`
    expect(readRules(source, context)).toMatchObject({
      neverRecord: ['ana@example.com'],
      optOutWords: ['#norecord'],
      rules: [{ name: 'Links such as https://example.com // stay' }],
    })
  })

  test.each<[string, string]>([
    ['{"rules": [}', 'file: is no JSON: Unexpected token .*; mend that place .*'],
    ['[]', 'file: \\[\\] .*'],
    ['{"rule": []}', 'rule: does not exist; the fields here are neverRecord, optOutWords, groups, rules\\.'],
    ['{"rules": [{"decision": "skip"}]}', 'Rule "number 1", name: is missing; write one such as "Interviews"\\.'],
    [
      rule({ decision: 'ignore' }),
      'Rule "Interviews", decision: "ignore" is neither "attend" nor "skip"; write one of the two\\.',
    ],
    [
      rule({ when: { organiser: [] } }),
      'Rule "Interviews", when\\.organiser: does not exist; the fields here are organizer, participant, .*',
    ],
    [
      rule({ when: { people: { atLeast: 'two' } } }),
      'Rule "Interviews", when\\.people\\.atLeast: "two" is not a number; write a whole number such as 2, without quotation marks\\.',
    ],
    [rule({ when: { people: 2 } }), 'Rule "Interviews", when\\.people: 2 is no range; write .*'],
    [rule({ when: { people: {} } }), 'Rule "Interviews", when\\.people: \\{\\} has no limit; .*'],
    [
      rule({ when: { people: { atLeast: 5, atMost: 2 } } }),
      'Rule "Interviews", when\\.people: .* can never be met.*exchange.*',
    ],
    [
      rule({ when: { organizer: ['example.com'] } }),
      'Rule "Interviews", when\\.organizer\\.0: "example\\.com" is no address; write .*@example\\.com.*',
    ],
    [rule({ when: { organizer: [] } }), 'Rule "Interviews", when\\.organizer: \\[\\] is empty; .*'],
    [
      rule({ when: { participant: ['group:board'] } }),
      'Rule "Interviews", when\\.participant: "group:board" is not known, and there are no groups; define it under "groups"\\.',
    ],
    [
      rule({ unless: { kind: ['meeting'] } }),
      'Rule "Interviews", unless\\.kind\\.0: "meeting" is not known; write one of default, out_of_office, .*',
    ],
    [
      rule({ when: { startsWithin: { zone: 'Vienna', from: '8', to: '18:00' } } }),
      'Rule "Interviews", when\\.startsWithin\\.zone: "Vienna" is no time zone; .*',
    ],
    [
      rule({ when: { startsWithin: { zone: 'UTC', from: '08:00', to: '08:00' } } }),
      'Rule "Interviews", when\\.startsWithin: .* never begin.*',
    ],
    [
      rule({ when: { tag: ['norecord'] } }),
      'Rule "Interviews", when\\.tag\\.0: "norecord" cannot be found in invitations; .*',
    ],
    ['{"optOutWords": ["#abc"]}', 'optOutWords\\.0: "#abc" cannot be found in invitations; .*'],
    ['{"groups": {"a": ["group:b"]}}', 'groups\\.a: "group:b" is a group in a group; .*'],
  ])('%s is refused with its place and what to do', (source, expected) => {
    const problems = problemsOf(source)
    expect(problems[0]).toMatch(new RegExp(`^${expected}$`))
  })

  test('is refused with everything that is wrong at once', () => {
    const rules = [
      { name: 'One', decision: 'later' },
      { name: 'Two', decision: 'skip', when: { people: { atLeast: -1 }, allDay: 'no' } },
    ]
    expect(problemsOf(JSON.stringify({ rules })).map((line) => line.split(':')[0])).toEqual([
      'Rule "One", decision',
      'Rule "Two", when.people.atLeast',
      'Rule "Two", when.allDay',
    ])
  })

  test('is refused where rules have one name, or are never asked', () => {
    const rules = [
      { name: 'One', decision: 'skip', when: { allDay: true } },
      { name: 'one', decision: 'skip' },
      { name: 'Late', decision: 'attend' },
    ]
    expect(problemsOf(JSON.stringify({ rules }))).toEqual([
      'Rule "one", name: is used twice; give each rule a name of its own.',
      'Rule "Late", when: is never asked, since "one" before it has no conditions; move it up or take it out.',
    ])
  })

  test('is refused where it asks who is from outside and nobody knows', () => {
    expect(problemsOf(rule({ when: { external: { atLeast: 1 } } }), { orgDomains: [] })).toEqual([
      'Rule "Interviews", when.external: cannot be told, since the organisation\'s domains are not known; set ORG_DOMAINS, such as example.com.',
    ])
  })
})

describe('Words with #', () => {
  test.each<[string, string[]]>([
    ['Between us. #NoRecord please', ['#norecord']],
    ['#norecord, #Büro_2', ['#büro_2', '#norecord']],
    ['x#norecord and issue#1', []],
    ['#norecording', ['#norecording']],
    ['<b style="color:#ff6600">&#8217;#123</b> #norecord</p>', ['#norecord']],
    ['https://example.com/page#part', []],
  ])('in %s: %j', (text, tags) => {
    expect(findTags([text])).toEqual(tags)
  })

  test('are found behind any number of colours', () => {
    expect(findTags([Array.from({ length: 9_999 }, (_, i) => `#${i}`).join(' '), '#norecord'])).toEqual(['#norecord'])
  })
})
