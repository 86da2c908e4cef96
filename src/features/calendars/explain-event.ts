import type { EventKind } from './event.ts'

/** Why an event without a meeting link is no meeting, as a sentence for a person. */
export function explainEventWithoutRoom(event: {
  kind: string
  linkWarning: string | null
  isCancelled: boolean
}): string {
  if (event.isCancelled) return 'Cancelled.'
  if (event.linkWarning !== null) return event.linkWarning
  return kindTexts[event.kind as EventKind] ?? kindTexts.default
}

const kindTexts: Record<EventKind, string> = {
  default: 'The invitation has no meeting link. If one is added, the meeting is planned at once.',
  out_of_office: 'It marks an absence.',
  focus_time: 'It is time kept free for work.',
  working_location: 'It only says where somebody works.',
  birthday: 'It is a birthday.',
}
