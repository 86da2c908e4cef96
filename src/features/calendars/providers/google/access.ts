import { createHash } from 'node:crypto'
import type { CalendarAccess } from '../provider.ts'

/** On whose behalf Google is asked. */
export type GoogleAccess =
  | {
      kind: 'service_account'
      subject: string
      scopes: readonly string[]
      /** That these scopes are refused is no trouble of anybody else's. */
      isOptional?: boolean
    }
  /** With the consent that is stored with the calendar. */
  | { kind: 'oauth'; calendarId: string }

/** Events of the person's calendar and the list of calendars, to read only. */
export const CALENDAR_SCOPES = ['https://www.googleapis.com/auth/calendar.readonly'] as const

/** The domain's users, to read only. */
export const DIRECTORY_SCOPES = ['https://www.googleapis.com/auth/admin.directory.user.readonly'] as const

/** Who is in a group, to read only. Asked for apart: an installation whose administrator did not allow it goes on without. */
export const GROUP_SCOPES = ['https://www.googleapis.com/auth/admin.directory.group.member.readonly'] as const

/** How Google is asked for a calendar: acting for its owner, or with the owner's consent. */
export function accessOf({ calendarId, ownerEmail, access }: CalendarAccess): GoogleAccess {
  return access === 'oauth'
    ? { kind: 'oauth', calendarId }
    : { kind: 'service_account', subject: ownerEmail, scopes: CALENDAR_SCOPES }
}

/**
 * Whose share of the quota a call takes. Under delegation Google charges the service account unless told; at most 40 characters
 * (Calendar v3 discovery document, 2026-09).
 */
export function quotaUserOf(access: GoogleAccess): string {
  const name = access.kind === 'service_account' ? access.subject : access.calendarId
  return createHash('sha256').update(`${access.kind} ${name}`).digest('base64url').slice(0, 32)
}
