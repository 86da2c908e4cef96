import { truncateText } from '../../../base/text.ts'
import { platformLabel } from '../platform.ts'
import type { Followed } from './follow-link.ts'
import type { Refusal } from './platforms/link-platform.ts'

/** Something about an event's link that a person should know; the message is shown as it is and carries no passcode. */
export interface LinkWarning {
  code: 'passcode_missing' | 'unusable_link' | 'number_only'
  message: string
}

type Sentence = (label: string, host: string) => string

const SENTENCES: Record<Refusal, Sentence> = {
  recording: (label, host) => `The ${label} link in this event (${host}) opens a recording, not a meeting.`,
  registration: (label, host) =>
    `The ${label} link in this event (${host}) opens a registration page. Register, and put the link you receive into the event.`,
  event_page: (label, host) =>
    `The ${label} link in this event (${host}) opens an event page, not a meeting. Put the link that joins the meeting into the event.`,
  personal_link: (label, host) =>
    `The ${label} link in this event (${host}) is a personal link without a meeting number. Put the link with the number into the event.`,
  no_room: (label, host) =>
    `The ${label} link in this event (${host}) does not name a meeting. Copy the full link from the meeting's invitation.`,
  damaged: (label, host) =>
    `The ${label} link in this event (${host}) is incomplete. Copy the full link from the meeting's invitation.`,
  disguised: (_label, host) => `The link to ${host} imitates a meeting link and was not followed.`,
  host_not_listed: (_label, host) =>
    `The link to ${host} looks like a Jitsi meeting, but this server is not among those allowed. An administrator can add it to JITSI_HOSTS.`,
  hidden: (_label, host) =>
    `The meeting link in this event is hidden behind another one (${host}), as mail filters and booking pages do. Put the original link into the event.`,
  no_way: (label, host) => `The link in this event (${host}) leads to ${label}. There is no way to join ${label}.`,
}

/** The sentence for an event whose only links of interest were refused. */
export function unusableLink({ platform, service, host }: Followed, reason: Refusal): LinkWarning {
  const label = service ?? (platform === null ? 'meeting' : platformLabel(platform))
  return { code: 'unusable_link', message: SENTENCES[reason](label, truncateText(host, 80)) }
}

/** The sentence for a room that is known but lets nobody in without its passcode; `isBeside`: one is written beside the link. */
export function passcodeMissing(label: string, isBeside: boolean): LinkWarning {
  const what = isBeside ? 'no passcode that can be used (the one written beside it has to be typed)' : 'no passcode'
  return {
    code: 'passcode_missing',
    message: `The ${label} link in this event has ${what}, so joining may be refused. Copy the full link from the meeting's invitation.`,
  }
}

/** The sentence for an event that gives people a number to type, or to dial, and no link. */
export const numberOnly: LinkWarning = {
  code: 'number_only',
  message:
    'The event gives only the number of a meeting, and no link to join it. Put the link from the meeting’s invitation into the event.',
}
