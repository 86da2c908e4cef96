import { DAY, HOUR, keyAt } from './open-plan.ts'
import type { Copy } from './plan-world.ts'
import type { Random } from './random.ts'

/** What stands in somebody's calendar under a UID. */
export interface Entry {
  person: string
  uid: string
  copies: Copy[]
}

/** A meeting of honest people, as its organiser means it. */
export interface HonestMeeting {
  uid: string
  organizer: string
  guests: string[]
  copies: Copy[]
  /** Answers of guests. */
  answers: Map<string, Copy['response']>
  isCancelled: boolean
}

export const hosts = ['host@example.com', 'host2@example.com', 'host3@example.com']
const client = 'client@example.org'
const colleagues = ['guest', 'guest2', 'guest3', 'late'].map((name) => `${name}@example.com`)

/**
 * People who meet: colleagues in rooms that they brought, at any time and moved as they like; a client outside in a room for each meeting. What they
 * do depends on the seed alone.
 */
export class HonestPeople {
  readonly meetings: HonestMeeting[] = []
  #count = 0
  readonly #random: Random
  readonly #horizonMinutes: number

  /** Whoever invites does so up to so many minutes and half an hour ahead. */
  constructor(random: Random, horizonMinutes = 600) {
    this.#random = random
    this.#horizonMinutes = horizonMinutes
  }

  /** Something that somebody does at a minute; what then stands in which calendars. */
  act(minute: number): Entry[] {
    const random = this.#random
    const open = this.meetings.filter(
      ({ isCancelled, copies }) => !isCancelled && copies.some(({ start, minutes = 30 }) => start + minutes > minute),
    )
    if (open.length < 4 || random.chance(0.2)) return this.#invite(minute)
    const meeting = random.pick(open)
    const isInside = meeting.organizer !== client
    const what = random.pick(['answer', 'answer', 'move', 'list', 'cancel', 'word', 'link'] as const)
    const coming = meeting.copies.filter(({ start }) => start > minute)
    if (what === 'answer') {
      // Somebody always comes.
      const some = meeting.guests.slice(1)
      if (some.length > 0) meeting.answers.set(random.pick(some), random.pick(['accepted', 'tentative', 'declined']))
    } else if (what === 'move' && isInside) {
      for (const copy of coming)
        copy.start = Math.max(Math.ceil(minute) + 30, copy.start + random.pick([-60, -1, 1, 15, 60]))
    } else if (what === 'list' && isInside) {
      meeting.guests = random.shuffle(colleagues).slice(0, random.between(1, 3))
    } else if (what === 'word' && isInside) {
      const description = random.pick(['', '', '#norecord'])
      for (const copy of coming) copy.description = description
    } else if (what === 'cancel') {
      meeting.isCancelled = true
    } else if (what === 'link' && isInside) {
      for (const copy of coming) copy.room = meeting.organizer.split('@')[0] as string
    }
    return this.#entries(meeting)
  }

  #invite(minute: number): Entry[] {
    const random = this.#random
    const number = ++this.#count
    const organizer = random.pick([...hosts, client])
    const start = Math.ceil(minute) + 30 + 15 * random.below(this.#horizonMinutes / 15)
    const room = organizer === client ? `client${number}` : (organizer.split('@')[0] as string)
    const base: Copy = { uid: `honest${number}`, room, start, minutes: random.pick([30, 60, 90]), organizer }
    const days = random.chance(0.3) ? [0, 1, 2] : [0]
    const copies = days.map((day) => ({
      ...base,
      start: start + day * DAY,
      ...(days.length > 1 ? { key: keyAt(start + day * DAY) } : {}),
      title: `Of ${organizer} ${number}`,
    }))
    const guests = random.shuffle(colleagues).slice(0, random.between(1, 3))
    const meeting = { uid: base.uid, organizer, guests, copies, answers: new Map(), isCancelled: false }
    this.meetings.push(meeting)
    return this.#entries(meeting)
  }

  #entries({ uid, organizer, guests, copies, answers, isCancelled }: HonestMeeting): Entry[] {
    const attendees = [organizer, ...guests]
    const isInside = organizer !== client
    const before = this.meetings.find((one) => one.uid === uid) ? colleagues : []
    return [...new Set([...(isInside ? [organizer] : []), ...guests, ...before])].map((person) => ({
      person,
      uid,
      copies: attendees.includes(person)
        ? copies.map((copy) => ({
            ...copy,
            attendees,
            cancelled: isCancelled,
            response: answers.get(person) ?? 'accepted',
          }))
        : [],
    }))
  }
}

/** What somebody who is invited to nothing may write over a meeting, into a calendar of their own or by mail into others'. */
export function forge(random: Random, target: Copy, me: string, colluder: string | undefined, minute: number): Copy {
  const list = target.attendees ?? []
  const mine = colluder ? [me, colluder] : [me]
  const shift = random.pick([0, 0, -1, 1, 10, -30])
  const isLong = random.chance(0.2)
  const organizer = random.pick([me, me, target.organizer as string, 'outsider@example.org', ''])
  return {
    uid: random.pick([target.uid, target.uid, `forged${random.below(6)}`, `${target.uid}_R20260101T000000@google.com`]),
    key: random.pick([target.key ?? '', target.key ?? '', keyAt(target.start + shift), '']),
    room: random.chance(0.85) ? target.room : 'aside',
    start: isLong ? Math.max(Math.ceil(minute) + 1, target.start - 5 * HOUR) : target.start + shift,
    minutes: isLong ? 12 * HOUR : (target.minutes ?? 30) + random.pick([0, 0, -shift, 5]),
    title: random.pick(['Lunch', 'Lunch #norecord', 'Mine']),
    ...(organizer === '' ? {} : { organizer }),
    attendees: random.pick([mine, [...mine, ...list], [...list, ...mine], list, []]),
    response: random.pick(['accepted', 'accepted', 'accepted', 'declined', 'needs_action']),
    cancelled: random.chance(0.1),
    visibility: random.pick(['default', 'default', 'private', 'confidential']),
    isAllDay: random.chance(0.05),
  }
}
