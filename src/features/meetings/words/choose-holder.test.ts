import { describe, expect, test } from 'vitest'
import { createRandom, type Random } from '../../../../test/support/random.ts'
import { MINUTE_MS } from '../../../base/time.ts'
import { chooseHolder, type HolderState, type Present } from './choose-holder.ts'
import type { RoomMeeting } from './room-meeting.ts'

/** A meeting as a table of cases writes it: times of one day, and people by name; who accepted are its own people with the organiser. */
interface Said {
  id: string
  at: `${string}-${string}`
  organizer?: string
  /** Whose copy is the first circle's first, where no organiser is proven. */
  circleOf?: string
  invites?: string[]
  accepted?: string[]
  /** When it became known, as text that sorts; of some instants only with `moved`. */
  known?: number
  isRanked?: boolean
  no?: 'alone' | 'accepted'
}

/** Who is in the room: a name, and for how long; a name with a question mark is not recognised. */
type Stay = [name: string, at: `${string}-${string}`]

interface Story {
  meetings: readonly Said[]
  people?: readonly Stay[]
  brought?: string
  during?: `${string}-${string}`
  /** When no bot of ours sees the room. */
  unseen?: `${string}-${string}`
}

function minutes(text: string): number {
  const [hours = 0, rest = 0] = text.split(':').map(Number)
  return hours * 60 + rest
}

function span(at: string): [from: number, until: number] {
  const [from = '', until = ''] = at.split('-')
  return [minutes(from), minutes(until)]
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

function readMeetings(story: Story, recognised: ReadonlySet<string>): RoomMeeting[] {
  const organizers = story.meetings.flatMap(({ organizer }) => organizer ?? [])
  return story.meetings.map((said) => {
    const [from, until] = span(said.at)
    const { organizer, invites = [], accepted = [], known = 1 } = said
    const asked = new Set([...invites, ...(organizer === undefined ? [] : [organizer])])
    const own = new Set([...accepted, ...(organizer === undefined ? [] : [organizer])])
    return {
      id: said.id,
      tieKey: said.id,
      startsMs: from * MINUTE_MS,
      endsMs: until * MINUTE_MS,
      isRanked: said.isRanked ?? true,
      saysNo: said.no !== undefined,
      isAcceptedByOthers: said.no === 'accepted',
      standing: [{ from: from * MINUTE_MS, until: until * MINUTE_MS, since: known }],
      organizer,
      isBrought: organizer !== undefined && organizer === story.brought,
      isOwnersRoom: (organizer ?? said.circleOf) === story.brought && story.brought !== undefined,
      invited: new Set([...asked].filter((person) => recognised.has(person) || organizers.includes(person))),
      own: new Set([...own].filter((person) => recognised.has(person))),
    }
  })
}

/** Looks every minute, and says who held the room when: `A 13:00–14:04, B 14:04–15:00`. */
function tell(story: Story): string {
  const [from, until] = span(story.during ?? '12:00-16:00')
  const told: { who: string; from: number }[] = []
  let state: HolderState = {}
  for (let minute = from; minute < until; minute++) {
    const present = presentAt(story, minute)
    const recognised = new Set((present ?? []).flatMap(({ person }) => person ?? []))
    const picture = { nowMs: minute * MINUTE_MS, meetings: readMeetings(story, recognised), present }
    const chosen = chooseHolder(state, picture)
    state = chosen.state
    const who = typeof chosen.holder === 'string' ? chosen.holder : chosen.holder.id
    if (told.at(-1)?.who !== who) told.push({ who, from: minute })
  }
  return told
    .map(({ who, from: since }, index) => ({ who, since, until: told[index + 1]?.from ?? until }))
    .filter(({ who }) => who !== 'nobody')
    .map(({ who, since, until: to }) => `${who} ${clock(since)}–${clock(to)}`)
    .join(', ')
}

function presentAt({ people = [], unseen }: Story, minute: number): Present[] | undefined {
  const covers = (at: string) => span(at)[0] <= minute && minute < span(at)[1]
  if (unseen !== undefined && covers(unseen)) return undefined
  return people
    .filter(([, at]) => covers(at))
    .map(([name, at]) => ({
      person: name.endsWith('?') ? undefined : name,
      sinceMs: span(at)[0] * MINUTE_MS,
    }))
}

/** The host's meeting, with guest and guest2 who accepted. */
const a1 = { id: 'A', at: '13:00-14:00', organizer: 'host', invites: ['guest', 'guest2'], known: 10 } as const
const A1: Said = { ...a1, invites: [...a1.invites], accepted: ['guest', 'guest2'] }
/** The same of a client outside, whose own calendar is not connected. */
const A2: Said = {
  id: 'A',
  at: '13:00-14:00',
  circleOf: 'guest',
  invites: ['client', 'guest', 'guest2'],
  accepted: ['guest', 'guest2'],
  known: 10,
}
const B: Said = { id: 'B', at: '13:00-14:00', organizer: 'insider', known: 20 }

describe('who holds a room', () => {
  test('1b: a stranger’s meeting holds outside the real one, however it is placed over it', () => {
    const told = (at: Said['at'], known = 20) =>
      tell({ meetings: [A2, { ...B, at, known, invites: ['guest'] }], people: [['guest', '13:00-14:00']] })
    expect(told('13:01-14:00')).toBe('A 13:00–16:00')
    expect(told('13:10-13:20')).toBe('A 13:00–16:00')
    expect(told('12:59-14:01')).toBe('B 12:59–13:00, A 13:00–14:00, B 14:00–16:00')
    expect(told('00:00-24:00')).toBe('B 12:00–13:00, A 13:00–14:00, B 14:00–16:00')
  })

  test('1b: an all-day event takes the room from nobody', () => {
    const allDay: Said = { ...B, at: '00:00-24:00', isRanked: false, known: 1 }
    const meetings = [A2, allDay]
    expect(
      tell({
        meetings,
        people: [
          ['guest', '13:00-14:20'],
          ['insider', '12:00-14:30'],
        ],
      }),
    ).toBe('B 12:00–13:00, A 13:00–16:00')
  })

  test('5a: fifty colleagues who accepted a stranger’s meeting take nothing from the one who brought the room', () => {
    const fifty = Array.from({ length: 50 }, (_, index) => `colleague${index}`)
    const stranger: Said = { ...B, known: 1, invites: ['host', 'guest', 'guest2', ...fifty], accepted: fifty }
    const people: Stay[] = [
      ['guest', '13:00-14:00'],
      ['colleague1', '13:00-14:00'],
      ['insider', '13:00-14:00'],
    ]
    expect(tell({ meetings: [A1, stranger], people, brought: 'host', during: '13:00-14:00' })).toBe('A 13:00–14:00')
  })

  test('5b: a host who was tricked into accepting is still the host of the meeting', () => {
    const trick: Said = { ...B, invites: ['host'], accepted: ['host'] }
    const people: Stay[] = [
      ['host', '13:00-14:00'],
      ['insider', '13:00-14:00'],
    ]
    expect(tell({ meetings: [A1, trick], people, during: '13:00-14:00' })).toBe('A 13:00–14:00')
    expect(tell({ meetings: [A1, trick], people, brought: 'host', during: '13:00-14:00' })).toBe('A 13:00–14:00')
  })

  test('7: a no that ranks after silences its own meeting alone', () => {
    expect(tell({ meetings: [A1, { ...B, no: 'accepted' }], during: '12:00-14:00' })).toBe('A 13:00–14:00')
  })

  test('8: the no of the first by rank silences the room, and ends what runs over there', () => {
    const meetings = [{ ...A1, no: 'accepted' } as const, B]
    expect(tell({ meetings, during: '12:00-14:00' })).toBe('silence 13:00–14:00')
    const before: Said = { ...B, id: 'C', at: '12:00-12:50' }
    const people: Stay[] = [['insider', '12:00-14:00']]
    expect(tell({ meetings: [...meetings, before], people })).toBe('C 12:00–13:00, silence 13:00–14:00')
  })

  test('8: a no that nobody else accepted silences only the room of its owner', () => {
    const alone: Said = { ...B, known: 1, no: 'alone' }
    expect(tell({ meetings: [A1, alone], during: '13:00-14:00' })).toBe('A 13:00–14:00')
    expect(tell({ meetings: [A1, alone], brought: 'insider', during: '13:00-14:00' })).toBe('silence 13:00–14:00')
    const circle: Said = { ...A2, no: 'alone' }
    expect(tell({ meetings: [circle, B], brought: 'guest', during: '13:00-14:00' })).toBe('silence 13:00–14:00')
  })

  test('9: who brought the room holds it in their meeting, whoever has squatted there for long', () => {
    const squat: Said = { ...B, at: '00:00-23:59', known: 1, invites: ['host', 'guest', 'guest2'] }
    const people: Stay[] = [
      ['host', '13:00-14:00'],
      ['insider', '12:00-16:00'],
    ]
    expect(tell({ meetings: [A1, squat], people, brought: 'host' })).toBe('B 12:00–13:00, A 13:00–14:00, B 14:00–16:00')
    const stays: Stay[] = [...people, ['guest', '13:00-14:30']]
    expect(tell({ meetings: [A1, squat], people: stays, brought: 'host' })).toBe(
      'B 12:00–13:00, A 13:00–14:30, B 14:30–16:00',
    )
  })

  test('10: a squatter on a team room holds it only while none of the other meeting’s own people are there', () => {
    const squat: Said = { ...B, at: '12:00-16:00', known: 1, invites: ['host', 'guest', 'guest2'] }
    const people: Stay[] = [
      ['somebody?', '12:00-14:20'],
      ['host', '13:00-14:10'],
      ['guest', '13:00-14:15'],
    ]
    expect(tell({ meetings: [A1, squat], people, brought: 'late' })).toBe('B 12:00–13:00, A 13:00–14:20, B 14:20–16:00')
  })

  test('11 and 35: what is moved, restored or gets another link is known since then', () => {
    const moved: Said = { ...B, known: 30 }
    expect(tell({ meetings: [A1, moved], during: '13:00-14:00' })).toBe('A 13:00–14:00')
    expect(tell({ meetings: [{ ...A1, known: 40 }, moved], during: '13:00-14:00' })).toBe('B 13:00–14:00')
  })

  test('12: one that runs over holds on until all have left, and the stranger after it waits', () => {
    const next: Said = { ...B, at: '14:00-15:00' }
    const people: Stay[] = [
      ['host', '13:00-14:10'],
      ['guest', '13:00-14:10'],
    ]
    expect(tell({ meetings: [A1, next], people })).toBe('A 13:00–14:10, B 14:10–16:00')
  })

  test('13: the next of a team room begins when those of the one before have left, whoever has come already', () => {
    const next: Said = { ...B, at: '14:00-15:00', organizer: 'late', invites: ['insider2'], accepted: ['insider2'] }
    const people: Stay[] = [
      ['host', '13:00-14:04'],
      ['guest', '13:00-14:03'],
      ['late', '14:02-15:00'],
    ]
    expect(tell({ meetings: [A1, next], people, during: '12:00-15:00' })).toBe('A 13:00–14:04, B 14:04–15:00')
  })

  test('14: three meetings of one host follow each other as their people leave', () => {
    const chain: Said[] = [
      { ...A1, invites: ['guest'], accepted: ['guest'] },
      { ...A1, id: 'B', at: '14:00-15:00', invites: ['guest2'], accepted: ['guest2'] },
      { ...A1, id: 'C', at: '15:00-16:00', invites: ['late'], accepted: ['late'] },
    ]
    const people: Stay[] = [
      ['host', '13:00-14:05'],
      ['guest', '13:00-14:05'],
    ]
    expect(tell({ meetings: chain, people })).toBe('A 13:00–14:05, B 14:05–15:00, C 15:00–16:00')
  })

  test('14: one who stays too long keeps the host’s next meeting waiting for 15 minutes at most', () => {
    const next: Said = { ...A1, id: 'B', at: '14:00-15:00', invites: ['guest2'], accepted: ['guest2'] }
    const people: Stay[] = [
      ['host', '13:00-15:00'],
      ['guest', '13:00-15:00'],
    ]
    const meetings = [{ ...A1, invites: ['guest'], accepted: ['guest'] }, next]
    expect(tell({ meetings, people, during: '13:00-15:00' })).toBe('A 13:00–14:15, B 14:15–15:00')
  })

  test('15: a small circle within a long call of one host has its own time', () => {
    const long: Said = { ...A1, id: 'L', at: '09:00-17:00', known: 1, invites: ['guest', 'colleague'] }
    const small: Said = { ...A1, id: 'S', at: '13:00-13:30', invites: ['guest'], accepted: ['guest'] }
    const people: Stay[] = [
      ['host', '09:00-17:00'],
      ['guest', '12:00-16:00'],
      ['colleague', '09:00-17:00'],
    ]
    const told = tell({ meetings: [long, small], people, brought: 'host', during: '09:00-17:00' })
    expect(told).toBe('L 09:00–13:00, S 13:00–13:30, L 13:30–17:00')
  })

  test('16a: an invited person’s follow-up begins when the others have left, 15 minutes late at most', () => {
    const followUp: Said = { ...B, at: '13:45-14:30', organizer: 'guest', invites: ['late'], accepted: ['late'] }
    const told = (until: string) =>
      tell({
        meetings: [A1, followUp],
        people: [
          ['guest', '13:00-14:30'],
          ['late', '13:45-14:30'],
          ['guest2', `13:00-${until}`],
        ],
        during: '12:00-14:30',
      })
    expect(told('14:06')).toBe('A 13:00–14:06, B 14:06–14:30')
    expect(told('14:30')).toBe('A 13:00–14:15, B 14:15–14:30')
  })

  test('16b: an invited person’s old long event goes on around the meeting of who brought the room', () => {
    const long: Said = { ...B, id: 'L', at: '09:00-17:00', organizer: 'guest', invites: ['colleague'], known: 1 }
    const people: Stay[] = [
      ['guest', '09:00-17:00'],
      ['colleague', '12:00-17:00'],
      ['host', '13:00-14:00'],
    ]
    const told = tell({ meetings: [long, A1], people, brought: 'host', during: '09:00-17:00' })
    expect(told).toBe('L 09:00–13:00, A 13:00–14:00, L 14:00–17:00')
  })

  test('27: the meeting that runs over goes to the host’s next one, and a stranger’s between them holds nothing', () => {
    const between: Said = { ...B, id: 'X', at: '13:30-14:30' }
    const next: Said = { ...A1, id: 'B', at: '14:00-15:00', invites: ['late'], accepted: ['late'] }
    const people: Stay[] = [
      ['guest', '13:00-14:03'],
      ['host', '13:00-15:00'],
      ['late', '13:58-15:00'],
    ]
    const story = { meetings: [A1, between, next], people, during: '12:00-15:00' } as const
    expect(tell({ ...story, brought: 'host' })).toBe('A 13:00–14:03, B 14:03–15:00')
  })

  test('29: strangers who meet in a room whose host has forgotten a weekly meeting have their own words', () => {
    const strangers: Said = { ...B, organizer: 'late', invites: ['insider2'], accepted: ['insider2'] }
    const story = { meetings: [A1, strangers], brought: 'host', during: '13:00-14:00' } as const
    expect(
      tell({
        ...story,
        people: [
          ['late', '13:05-14:00'],
          ['insider2', '13:06-14:00'],
        ],
      }),
    ).toBe('A 13:00–13:05, B 13:05–14:00')
    expect(tell({ ...story, people: [['late?', '13:05-14:00']] })).toBe('A 13:00–14:00')
  })

  test('29: and lose them when somebody comes whom the host has invited', () => {
    const strangers: Said = { ...B, organizer: 'late', invites: ['insider2'], accepted: ['insider2'] }
    const people: Stay[] = [
      ['late', '13:00-14:00'],
      ['guest', '13:20-14:00'],
    ]
    const told = tell({ meetings: [A1, strangers], people, brought: 'host', during: '13:00-14:00' })
    expect(told).toBe('B 13:00–13:20, A 13:20–14:00')
  })

  test('30b: a meeting somebody sent a bot to is known since then, and what is written over it later gets nothing', () => {
    const sent: Said = {
      id: 'sent',
      at: '13:00-14:00',
      circleOf: 'late',
      invites: ['late'],
      accepted: ['late'],
      known: 20,
    }
    const over: Said = { ...B, at: '12:50-14:00', known: 30 }
    const people: Stay[] = [
      ['late', '13:00-14:00'],
      ['insider', '13:20-14:00'],
    ]
    expect(tell({ meetings: [sent, over], people, during: '13:00-14:00' })).toBe('sent 13:00–14:00')
  })

  test('31: what was written first holds the room only while the other’s own people are not recognised there', () => {
    const first: Said = { ...B, known: 1, invites: ['guest', 'guest2'] }
    const story = { meetings: [A2, first], during: '13:00-14:00' } as const
    expect(tell({ ...story, people: [['guest', '13:00-14:00']] })).toBe('A 13:00–14:00')
    expect(tell({ ...story, people: [['guest?', '13:00-14:00']] })).toBe('B 13:00–14:00')
  })

  test('33: who came early for a stranger’s meeting does not keep the room from who brought it', () => {
    const early: Said = { ...B, at: '12:30-12:59', invites: ['insider2'], accepted: ['insider2'], known: 1 }
    const people: Stay[] = [
      ['insider2', '12:30-14:00'],
      ['host', '13:00-14:00'],
      ['guest', '13:00-14:00'],
    ]
    const told = tell({ meetings: [A1, early], people, brought: 'host', during: '12:00-14:00' })
    expect(told).toBe('B 12:30–13:00, A 13:00–14:00')
  })

  test('34: a host who accepted the squat of a team room keeps it with whoever the squat has not', () => {
    const trick: Said = { ...B, known: 1, invites: ['host'], accepted: ['host'] }
    const story = { meetings: [A1, trick], brought: 'late', during: '13:00-14:00' } as const
    expect(
      tell({
        ...story,
        meetings: [A1, { ...trick, known: 20 }],
        people: [
          ['host', '13:00-14:00'],
          ['guest', '13:00-14:00'],
        ],
      }),
    ).toBe('A 13:00–14:00')
    // Although the squat is older: of its own people there is nobody who is not the meeting’s too.
    expect(
      tell({
        ...story,
        people: [
          ['host', '13:00-14:00'],
          ['guest', '13:00-14:00'],
        ],
      }),
    ).toBe('A 13:00–14:00')
  })

  test('36: a colleague alone in a room that another brought holds it', () => {
    const lates: Said = { id: 'A', at: '13:00-14:00', organizer: 'late', invites: ['client'] }
    const people: Stay[] = [
      ['late', '13:00-14:00'],
      ['client?', '13:00-14:00'],
    ]
    expect(tell({ meetings: [lates], people, brought: 'host', during: '12:00-14:00' })).toBe('A 13:00–14:00')
  })

  test('a room that was seen empty after an end is not held by it, although others come before the next start', () => {
    const next: Said = { ...B, at: '14:10-15:00' }
    const people: Stay[] = [
      ['host', '13:00-14:01'],
      ['somebody?', '14:05-15:00'],
    ]
    expect(tell({ meetings: [A1, next], people, during: '12:00-15:00' })).toBe('A 13:00–14:10, B 14:10–15:00')
  })

  test('while no bot of ours sees the room, it stays whose it was', () => {
    const next: Said = { ...B, at: '14:00-15:00' }
    const people: Stay[] = [
      ['host', '13:00-14:10'],
      ['guest', '13:00-14:10'],
    ]
    expect(tell({ meetings: [A1, next], people, unseen: '13:55-14:05' })).toBe('A 13:00–14:10, B 14:10–16:00')
    const squat: Said = { ...B, at: '12:00-16:00', known: 1 }
    expect(tell({ meetings: [A1, squat], people, unseen: '13:30-13:40' })).toBe(
      'B 12:00–13:00, A 13:00–14:10, B 14:10–16:00',
    )
  })

  test('who takes a room from one that runs over, and holds it to its own end, runs over in its place', () => {
    const strangers: Said = { ...B, at: '14:00-14:30', organizer: 'late' }
    const people: Stay[] = [
      ['somebody?', '13:00-15:00'],
      ['late', '14:05-15:00'],
    ]
    expect(tell({ meetings: [A1, strangers], people, during: '12:00-15:00' })).toBe('A 13:00–14:05, B 14:05–15:00')
  })
})

const names = ['host', 'guest', 'guest2', 'late', 'insider', 'insider2']

function randomSpan(random: Random): [number, number] {
  const from = random.between(0, 100)
  return [from, from + random.between(1, 60)]
}

function at([from, until]: [number, number]): Said['at'] {
  return `${clock(from)}-${clock(until)}`
}

function randomStory(random: Random): Story {
  const some = () => names.filter(() => random.chance(0.4))
  const meetings = Array.from({ length: random.between(1, 4) }, (_, index): Said => {
    const invites = some()
    const known = random.below(10)
    const id = `M${index}`
    const said = { id, at: at(randomSpan(random)), invites, accepted: invites.filter(() => random.chance(0.5)), known }
    const isProven = random.chance(0.8)
    const isRanked = random.chance(0.9)
    const no = random.chance(0.15) ? { no: random.pick(['alone', 'accepted'] as const) } : {}
    return {
      ...said,
      ...no,
      isRanked,
      ...(isProven ? { organizer: random.pick(names) } : { circleOf: random.pick(names) }),
    }
  })
  const people = Array.from({ length: random.below(6) }, (): Stay => {
    const name = random.pick(names)
    return [random.chance(0.8) ? name : `${name}?`, at(randomSpan(random))]
  })
  return { meetings, people, during: '00:00-03:00', ...(random.chance(0.5) ? { brought: random.pick(names) } : {}) }
}

/** Who held at each minute. */
function timeline(story: Story): string[] {
  const [from, until] = span(story.during as string)
  const told = tell(story)
  const held = Array.from({ length: until - from }, () => 'nobody')
  for (const part of told === '' ? [] : told.split(', ')) {
    const [who = '', times = ''] = part.split(' ')
    const [since, to] = span(times.replace('–', '-'))
    held.fill(who, since - from, to - from)
  }
  return held
}

describe('who holds a room, whatever happens', () => {
  const seed = Number(process.env.TEST_SEED ?? 5)
  const rounds = Number(process.env.TEST_ROUNDS ?? 500)

  /** Tells many stories; the first minute of one that does not hold is shown with its story. */
  function everyMinute(
    start: number,
    prepare: (random: Random) => { story: Story; holds(minute: number): boolean } | undefined,
  ): void {
    const random = createRandom(start)
    const broken: unknown[] = []
    for (let round = 0; round < rounds && broken.length === 0; round++) {
      const told = prepare(random)
      for (let minute = 0; told && minute < 180; minute++)
        if (!told.holds(minute)) broken.push({ round, at: clock(minute), told: tell(told.story), story: told.story })
    }
    expect(broken.slice(0, 1)).toEqual([])
  }

  const isDuring = (time: string, minute: number) => span(time)[0] <= minute && minute < span(time)[1]
  const isThere = ({ people = [] }: Story, names_: readonly (string | undefined)[], minute: number) =>
    people.some(([name, stay]) => names_.includes(name) && isDuring(stay, minute))

  test(`a meeting begins to hold in its own time alone, and never against a no that counts for nothing (seed ${seed})`, () => {
    everyMinute(seed, (random) => {
      const story = randomStory(random)
      const held = timeline(story)
      return {
        story,
        holds(minute) {
          const said = story.meetings.find(({ id }) => id === held[minute])
          if (!said || held[minute - 1] === said.id) return true
          const [from, until] = span(said.at)
          const comesBack = minute >= until && held.slice(from, minute).includes(said.id)
          const isWeak = said.no === 'alone' && (said.organizer ?? said.circleOf) !== story.brought
          return !isWeak && (isDuring(said.at, minute) || comesBack)
        },
      }
    })
  })

  test(`the order in which meetings and people are told changes nothing (seed ${seed})`, () => {
    const random = createRandom(seed + 1)
    for (let round = 0; round < rounds; round++) {
      const story = randomStory(random)
      const meetings = random.shuffle(story.meetings)
      const told = tell({ ...story, meetings, people: random.shuffle(story.people ?? []) })
      expect({ round, told }).toEqual({ round, told: tell(story) })
    }
  })

  test(`what a stranger writes later takes nothing in its own time while the organiser is there (seed ${seed})`, () => {
    everyMinute(seed + 2, (random) => {
      const told = randomStory(random)
      const before = timeline(told)
      const time = at(randomSpan(random))
      const no = random.chance(0.3) ? { no: random.pick(['alone', 'accepted'] as const) } : {}
      const written: Said = { id: 'stranger', at: time, organizer: 'stranger', invites: names, known: 99, ...no }
      const people: Stay[] = [...(told.people ?? []), ['stranger', '00:00-03:00']]
      const story = { ...told, people, meetings: [...told.meetings, written] }
      const after = timeline(story)
      return {
        story,
        holds(minute) {
          const said = told.meetings.find(({ id }) => id === before[minute])
          if (!said || said.no || said.isRanked === false || !isDuring(said.at, minute)) return true
          if (!isThere(told, [said.organizer], minute)) return true
          return after[minute] !== 'silence' && (after[minute] !== 'stranger' || !isDuring(time, minute))
        },
      }
    })
  })

  test(`nothing is taken from who brought the room while anybody invited is recognised (seed ${seed})`, () => {
    everyMinute(seed + 3, (random) => {
      const story = randomStory(random)
      const held = timeline(story)
      return {
        story,
        holds(minute) {
          const theirs = story.meetings.filter(
            ({ organizer, no, isRanked, at: time }) =>
              organizer !== undefined &&
              organizer === story.brought &&
              !no &&
              isRanked !== false &&
              isDuring(time, minute),
          )
          const isAnyThere = theirs.some(({ organizer, invites = [] }) =>
            isThere(story, [...invites, organizer], minute),
          )
          const who = story.meetings.find(({ id }) => id === held[minute])
          if (!isAnyThere || !who || who.organizer === story.brought) return true
          // One of a colleague whom they invited runs over for 15 minutes at most, or until its people have left.
          const end = span(who.at)[1]
          return theirs.some(({ at: time }) => end <= minute && minute < Math.max(end, span(time)[0]) + 15)
        },
      }
    })
  })
})
