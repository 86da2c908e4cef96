import { z } from 'zod'
import type { Clock } from '../src/base/clock.ts'
import { MINUTE_MS } from '../src/base/time.ts'
import type { CalendarEditor, Calendars } from './calendars.ts'
import { isWholeDays } from './invitation.ts'
import type { Colleague } from './organisation.ts'

const MOVE_BY_MS = 15 * MINUTE_MS

const newMeetingSchema = z.object({
  title: z.string().trim().min(1).max(500),
  location: z.string().trim().max(2_000).default(''),
  inMinutes: z.coerce.number().int().min(-1_440).max(40_000),
  lengthMinutes: z.coerce.number().int().min(1).max(1_440),
  invitees: z.string().default(''),
})

interface EditDeps {
  calendars: Calendars
  clock: Clock
  origin: string
}

/** Invites as the form says; a word as the location is a room of the sandbox. Throws a ZodError for what cannot be. */
export function insertByHand({ calendars, clock, origin }: EditDeps, person: Colleague, form: unknown): void {
  const { title, location, inMinutes, lengthMinutes, invitees } = newMeetingSchema.parse(form)
  const startsAt = new Date(clock.now().getTime() + inMinutes * MINUTE_MS)
  const isRoomName = /^[\p{L}\p{N}_-]+$/u.test(location)
  calendars.edit(person.email).insert({
    title,
    location: isRoomName ? `${origin}/rooms/${location}` : location,
    when: { startsAt, endsAt: new Date(startsAt.getTime() + lengthMinutes * MINUTE_MS), timeZone: person.timeZone },
    invitees: invitees.split(/[\s,;]+/).filter((email) => /^[^@:]+@[^@:]+$/.test(email)),
  })
}

/** Does what a button of the person's page says; false where there is no such button. */
export function changeByHand({ calendars }: EditDeps, person: Colleague, uid: string, action: unknown): boolean {
  const editor = calendars.edit(person.email)
  const change = typeof action === 'string' ? CHANGES.get(action) : undefined
  change?.(editor, uid, calendars, person)
  return change !== undefined
}

type Change = (editor: CalendarEditor, uid: string, calendars: Calendars, person: Colleague) => void

const CHANGES = new Map<string, Change>([
  ['move', moveALittle],
  ['cancel', (editor, uid) => editor.cancel(uid)],
  ['accept', (editor, uid) => editor.accept(uid)],
  ['decline', (editor, uid) => editor.decline(uid)],
  ['delete', (editor, uid) => editor.delete(uid)],
])

function moveALittle(editor: CalendarEditor, uid: string, calendars: Calendars, person: Colleague): void {
  const when = calendars.of(person.email).find((invitation) => invitation.uid === uid)?.when
  if (!when || isWholeDays(when)) throw new Error(`${uid} has no hour that could be moved`)
  const later = (at: Date) => new Date(at.getTime() + MOVE_BY_MS)
  editor.move(uid, { startsAt: later(when.startsAt), endsAt: later(when.endsAt) })
}
