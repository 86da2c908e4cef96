/** Everything that a person can change, and how the list says it. A change of another kind does not compile. */
export const AUDIT_ACTIONS = {
  attendance_switched: 'switched attendance',
  rules_applied: 'put rules in force',
  calendar_added: 'connected a calendar',
  calendar_removed: 'removed a calendar',
  calendar_synced: 'had a calendar read',
  calendars_set_up: 'brought the calendars in step with the people',
  consent_given: 'connected a calendar of their own',
  bot_sent: 'sent a bot',
  bot_stopped: 'stopped a bot',
  plan_followed: 'let a meeting go as planned',
  links_revoked: 'took links back',
  link_made: 'made a link to a transcript',
  access_given: 'gave access to a meeting',
  access_taken: 'took access to a meeting back',
  room_brought: 'said who brought a room',
  room_closed: 'closed a room to meetings of others',
  meeting_held: 'said which meeting was held',
  sign_in_link_made: 'made a sign-in link',
  signed_in: 'signed in',
  attendee_tried: 'tried what the Attendee server would say',
  channels_set_up: 'set up notices for a calendar',
  fingerprint_replaced: 'let the secret that is set take the place of a forgotten one',
  channels_stopped: 'stopped notices for a calendar',
} as const satisfies Record<string, string>

/** What somebody did. */
export type AuditAction = keyof typeof AUDIT_ACTIONS

/** Whether this version knows what a stored entry says. */
export function isAuditAction(text: string): text is AuditAction {
  return Object.hasOwn(AUDIT_ACTIONS, text)
}

/** Who makes a change, and from where. */
export interface Actor {
  /** An address, or who else it was: `administrator`, `command line`. */
  by: string
  /** The network address of a browser; null for a command, or where it is not known. */
  from?: string | null | undefined
}

/** One change by a person: who, what, to what, and from where. */
export interface AuditEntry extends Actor {
  at: Date
  action: AuditAction
  /** What was changed: an id, an address, a name. */
  subject: string
  /** What else is worth knowing; no secrets. */
  detail?: Readonly<Record<string, unknown>>
}
