import type { FromPage, Participant, ToPage } from './messages.ts'
import type { Visit, VisitEnd } from './visits.ts'

/** What a page says of itself at the door. */
export interface Guest {
  name: string
  speaks: boolean
  hears: boolean
}

/** The way to a page. Both may be called when the page is long gone. */
export interface Line {
  send(message: ToPage): void
  close(): void
}

/** Somebody in the room or in its lobby. */
export interface Seat {
  readonly visit: Visit
  readonly where: 'lobby' | 'room' | 'gone'
  readonly participant: Participant
  send(message: ToPage): void
  /** Out of the lobby into the room. */
  enter(): void
  receive(message: Exclude<FromPage, { type: 'join' }>): void
  /** Does nothing where the visit is over already. */
  end(how: VisitEnd): void
}
