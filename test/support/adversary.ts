import { type Entry, forge, type HonestPeople } from './honest-people.ts'
import type { Copy } from './plan-world.ts'
import type { Random } from './random.ts'

export const insiders = ['insider@example.com', 'insider2@example.com'] as const

/** What somebody can do in the world that is attacked. */
export interface Ways {
  put(entry: Entry): Promise<void>
  /** Says no on the page of each meeting that somebody may read, but for honest people's. */
  refuseOwn(who: string): Promise<void>
  sendBot(who: string, room: string): Promise<void>
}

/** One or two colleagues whom nobody invites, who write over honest people's meetings at random: into their own calendars, and by mail into others'. */
export class Adversary {
  readonly #random: Random
  readonly #honest: HonestPeople
  readonly #ways: Ways
  /** What stands in calendars under a UID: by their owners' own doing, and by mail besides. */
  readonly #own = new Map<string, Copy[]>()
  readonly #mailed = new Map<string, Copy[]>()

  constructor(random: Random, honest: HonestPeople, ways: Ways) {
    this.#random = random
    this.#honest = honest
    this.#ways = ways
  }

  /** What a calendar holds when its owner has written something: mail stays, but for what they wrote themselves. */
  afterWriting({ person, uid, copies }: Entry): Entry {
    this.#own.set(`${person} ${uid}`, copies)
    return this.#entryOf(person, uid)
  }

  /** Does something at a minute, alone or with another one. Answers what. */
  async attack(minute: number, isAlone: boolean): Promise<string> {
    const random = this.#random
    const [me = '', colluder] = isAlone ? [insiders[0]] : random.shuffle(insiders)
    const targets = this.#honest.meetings.flatMap(({ copies, organizer, guests }) =>
      copies.map((copy) => ({ ...copy, attendees: [organizer, ...guests] })),
    )
    if (targets.length === 0) return 'nothing'
    const target = random.pick(targets)
    const copy = forge(random, target, me, colluder, minute)
    const what = random.pick(['write', 'write', 'write', 'write', 'delete', 'mail', 'stop', 'send'] as const)
    if (what === 'write') {
      const before = random.chance(0.5) ? (this.#own.get(`${me} ${copy.uid}`) ?? []) : []
      const copies = [...before.filter(({ key = '' }) => key !== copy.key), copy]
      await this.#ways.put(this.afterWriting({ person: me, uid: copy.uid, copies }))
    } else if (what === 'delete') {
      await this.#ways.put(this.afterWriting({ person: me, uid: copy.uid, copies: [] }))
    } else if (what === 'mail') {
      const to = random.pick([...target.attendees, 'late@example.com'].filter((one) => one.endsWith('@example.com')))
      this.#mailed.set(`${to} ${copy.uid}`, [{ ...copy, response: 'needs_action' }])
      if (copy.organizer !== to) await this.#ways.put(this.#entryOf(to, copy.uid))
    } else if (what === 'stop') await this.#ways.refuseOwn(me)
    else await this.#ways.sendBot(me, target.room as string)
    return `${me} ${what} ${JSON.stringify(copy)}`
  }

  #entryOf(person: string, uid: string): Entry {
    const name = `${person} ${uid}`
    const copies = this.#own.get(name) ?? []
    const mailed = this.#mailed.get(name) ?? []
    return {
      person,
      uid,
      copies: [...copies, ...mailed.filter(({ key = '' }) => !copies.some((copy) => (copy.key ?? '') === key))],
    }
  }
}
