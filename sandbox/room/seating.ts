import { randomUUID } from 'node:crypto'
import type { Clock } from '../../src/base/clock.ts'
import { type Changes, createChanges } from './changes.ts'
import { type ChatMessage, type Farewell, type Participant, readName, readText, type ToPage } from './messages.ts'
import type { Guest, Line, Seat } from './seat.ts'
import { forgetOldVisits, type Visit, type VisitEnd } from './visits.ts'

const VISITS_KEPT = 2_000
const CHAT_KEPT = 1_000

/** Who sits where, and what they tell each other. */
interface Seating {
  readonly visits: readonly Visit[]
  readonly chat: readonly ChatMessage[]
  readonly changes: Changes
  in(where: Seat['where']): Seat[]
  /** Throws where nobody with this id is there. */
  find(id: string, where: Seat['where']): Seat
  take(guest: Guest, line: Line, door: { waits: boolean; timeoutMs: number | null }): Seat
}

/** What the room says of whoever comes under a name. */
export type Vouched = Pick<Participant, 'email' | 'isDevice'>

export function createSeating(clock: Clock, vouchedFor: (name: string) => Vouched = () => ({})): Seating {
  const seats = new Map<string, Seat>()
  const visits: Visit[] = []
  const chat: ChatMessage[] = []
  const changes = createChanges()
  let step = 0
  const inside = () => [...seats.values()].filter(({ where }) => where === 'room')

  function tellAll(message: ToPage, except?: Seat): void {
    for (const seat of inside()) if (seat !== except) seat.send(message)
  }

  function say(from: Visit, text: string): void {
    const message = { from: from.id, name: from.name, text }
    chat.push(message)
    if (chat.length > CHAT_KEPT) chat.shift()
    tellAll({ type: 'chat', message })
  }

  function createSeat({ name, speaks, hears }: Guest, line: Line): Seat {
    const visit = createVisit(name, clock.now())
    const vouched = vouchedFor(name)
    let where: Seat['where'] = 'lobby'
    const seat: Seat = {
      visit,
      get where() {
        return where
      },
      get participant() {
        return { id: visit.id, name: visit.name, speaks, hears, ...vouched }
      },
      send: line.send,
      enter() {
        if (where !== 'lobby') return
        line.send({ type: 'welcome', you: seat.participant, others: inside().map(({ participant }) => participant) })
        tellAll({ type: 'joined', participant: seat.participant })
        where = 'room'
        // Whoever is let in comes after those who are in.
        seats.delete(visit.id)
        seats.set(visit.id, seat)
        visit.enteredAt = clock.now()
        visit.enteredStep = ++step
        changes.happened()
      },
      receive(message) {
        if (message.type === 'leave') return seat.end('left')
        if (where !== 'room') return
        if (message.type === 'signal') {
          const other = seats.get(message.to)
          if (other?.where === 'room') other.send({ type: 'signal', from: visit.id, data: message.data })
          return
        }
        if (message.type === 'rename') {
          visit.name = readName(message.name) ?? visit.name
          tellAll({ type: 'renamed', participant: seat.participant })
        } else {
          const text = readText(message.text)
          if (text !== undefined) say(visit, text)
        }
        changes.happened()
      },
      end(how) {
        if (where === 'gone') return
        const wasInside = where === 'room'
        where = 'gone'
        seats.delete(visit.id)
        visit.leftAt = clock.now()
        visit.leftStep = ++step
        visit.end = how
        if (isFarewell(how)) line.send({ type: 'farewell', reason: how })
        line.close()
        if (wasInside) tellAll({ type: 'left', id: visit.id })
        changes.happened()
      },
    }
    return seat
  }

  return {
    visits,
    chat,
    changes,
    in: (where) => [...seats.values()].filter((seat) => seat.where === where),
    find(id, where) {
      const seat = seats.get(id)
      if (seat?.where !== where) throw new Error(`Nobody with the id ${id} is in the ${where}`)
      return seat
    },
    take(guest, line, { waits, timeoutMs }) {
      const seat = createSeat(guest, line)
      seats.set(seat.visit.id, seat)
      visits.push(seat.visit)
      forgetOldVisits(visits, VISITS_KEPT)
      if (!waits) seat.enter()
      else {
        line.send({ type: 'lobby' })
        if (timeoutMs !== null) endLobbyAfter(seat, timeoutMs)
        changes.happened()
      }
      return seat
    },
  }
}

function createVisit(name: string, knockedAt: Date): Visit {
  const never = { enteredAt: null, leftAt: null, end: null, enteredStep: null, leftStep: null }
  return { id: randomUUID(), joinedAs: name, name, knockedAt, ...never }
}

function endLobbyAfter(seat: Seat, timeoutMs: number): void {
  const timer = setTimeout(() => {
    if (seat.where === 'lobby') seat.end('lobby_timed_out')
  }, timeoutMs)
  timer.unref()
}

function isFarewell(how: VisitEnd): how is Farewell {
  return how !== 'left' && how !== 'dropped'
}
