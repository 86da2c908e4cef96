/** Everything that a person can change, and how the list says it. A change of another kind does not compile. */
export const AUDIT_ACTIONS = {
  attendance_switched: 'switched attendance',
  rules_applied: 'put rules in force',
  calendar_added: 'connected a calendar',
  calendar_removed: 'removed a calendar',
  calendar_synced: 'had a calendar read',
  calendars_set_up: 'brought the calendars in step with the directory',
  consent_given: 'connected a calendar of their own',
  bot_sent: 'sent a bot',
  bot_stopped: 'stopped a bot',
  meeting_wished: 'said whether a meeting is attended',
  links_revoked: 'took links back',
  link_made: 'made a link to a transcript',
  access_given: 'gave access to a meeting',
  access_taken: 'took access to a meeting back',
  room_brought: 'said who brought a room',
  room_closed: 'closed a room to others',
  meeting_held: 'said which meeting was held',
  sign_in_link_made: 'made a sign-in link',
  signed_in: 'signed in',
  signed_out: 'signed out',
  channels_set_up: 'set up notices for a calendar',
  channels_stopped: 'stopped notices for a calendar',
} as const satisfies Record<string, string>

/** What somebody did. */
export type AuditAction = keyof typeof AUDIT_ACTIONS

/** One change by a person: who, what, to what, and from where. */
export interface AuditEntry {
  at: Date
  /** An address, or who else it was: "the command line". */
  by: string
  action: AuditAction
  /** What was changed: an id, an address, a name. */
  subject: string
  /** What else is worth knowing; no secrets. */
  detail?: Readonly<Record<string, unknown>>
  /** The network address, or the command; null where it is not known. */
  from?: string | null
}
