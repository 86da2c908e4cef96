import { randomInt, randomUUID } from 'node:crypto'

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A new UUID version 4: calendars, events, meetings and everything else that is not a bot. */
export function newId(): string {
  return randomUUID()
}

/** `bot_` and 16 letters and digits, the form Attendee gives its bots. */
export function newBotId(): string {
  let id = 'bot_'
  for (let i = 0; i < 16; i++) id += LETTERS_AND_DIGITS[randomInt(LETTERS_AND_DIGITS.length)]
  return id
}
