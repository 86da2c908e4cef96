import type { Invitee } from './invitation.ts'
import type { Person } from './organisation.ts'

const LINE_BYTES = 75

/** Lines as a calendar file has them: at most 75 bytes each, continued after a space, ended by CR LF (RFC 5545, 3.1). */
export function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${foldLine(line)}\r\n`).join('')
}

/** A character is never cut: readers that join bytes and readers that join text must find the same. */
function foldLine(line: string): string {
  let folded = ''
  let bytes = 0
  for (const character of line) {
    const size = Buffer.byteLength(character)
    if (bytes + size > LINE_BYTES) {
      folded += '\r\n '
      bytes = 1
    }
    folded += character
    bytes += size
  }
  return folded
}

/** A property of type TEXT. */
export function textLine(name: string, text: string): string {
  const escaped = clean(text)
    .replace(/[\\;,]/g, (character) => `\\${character}`)
    .replaceAll('\n', '\\n')
  return `${name}:${escaped}`
}

export function organizerLine(organizer: Person): string {
  return `ORGANIZER;CN=${parameter(organizer.name)}:mailto:${organizer.email}`
}

export function attendeeLine({ name, email, answer, kind }: Invitee): string {
  const status = answer.toUpperCase().replace('_', '-')
  const type = kind === 'room' ? 'ROOM' : 'INDIVIDUAL'
  return `ATTENDEE;CUTYPE=${type};ROLE=REQ-PARTICIPANT;PARTSTAT=${status};CN=${parameter(name)}:mailto:${email}`
}

/** Quoted, since a name may hold a comma; what even quotes cannot hold is written as RFC 6868 says. */
function parameter(text: string): string {
  const encoded = clean(text).replaceAll('^', '^^').replaceAll('"', "^'").replaceAll('\n', '^n')
  return `"${encoded}"`
}

/** A calendar file may hold no control characters but line break and tab. */
function clean(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
}
