import { cleanLine } from '../../base/text.ts'
import type { Participant } from './transcript.ts'

/** How a participant is called on pages and in files: as the platform says, or "Unknown speaker". Never guessed. */
export interface SpeakerLabel {
  label: string
  isKnown: boolean
}

/**
 * Labels for participants, by id. Two of one name who were in the room together are told apart by a number; one who left and came back
 * is not counted twice.
 */
export function nameSpeakers(participants: readonly Participant[]): Map<string, SpeakerLabel> {
  const labels = new Map<string, SpeakerLabel>()
  const byName = Map.groupBy(participants, ({ name }) => cleanLine(name ?? '', 120))
  for (const [name, namesakes] of byName) {
    const seats: Participant[][] = []
    for (const person of namesakes) {
      const known = seats.findIndex((seat) => seat.some((other) => other.nativeId === person.nativeId))
      const free = seats.findIndex((seat) => !seat.some((other) => areTogether(other, person)))
      const index = known >= 0 ? known : free >= 0 ? free : seats.length
      seats[index] = [...(seats[index] ?? []), person]
      const label = name === '' ? 'Unknown speaker' : name
      labels.set(person.id, { label: index === 0 ? label : `${label} (${index + 1})`, isKnown: name !== '' })
    }
  }
  return labels
}

/** Whether one bot saw both at the same time. Two bots may each have seen the same person. */
function areTogether(a: Participant, b: Participant): boolean {
  if (a.botId !== b.botId) return false
  const [first, second] = a.joinedAt <= b.joinedAt ? [a, b] : [b, a]
  return first.leftAt === null || first.leftAt > second.joinedAt
}
