import { saysCancelled } from '../../cancelled-title.ts'
import type { EventKind, Visibility } from '../../event.ts'
import type { Component } from './component.ts'

const GOOGLE_KINDS: Readonly<Record<string, EventKind>> = {
  OUTOFOFFICE: 'out_of_office',
  FOCUSTIME: 'focus_time',
  WORKINGLOCATION: 'working_location',
  BIRTHDAY: 'birthday',
}

/** What kind of entry it is, as far as Outlook's and Google's own properties say. */
export function readKind(component: Component): EventKind {
  const google = component.text('X-GOOGLE-EVENT-TYPE') || component.text('X-GOOGLE-EVENTTYPE')
  const kind = GOOGLE_KINDS[google.toUpperCase().replace(/[^A-Z]/g, '')]
  if (kind !== undefined) return kind
  const busy = (
    component.text('X-MICROSOFT-CDO-BUSYSTATUS') || component.text('X-MICROSOFT-CDO-INTENDEDSTATUS')
  ).toUpperCase()
  if (busy === 'OOF') return 'out_of_office'
  // Outlook lets a real meeting be shown as "working elsewhere" too; without guests it only says where somebody is.
  if (busy === 'WORKINGELSEWHERE' && component.first('ATTENDEE') === undefined) return 'working_location'
  return 'default'
}

/** An unknown class counts as private (RFC 5545, 3.8.1.3). */
export function readVisibility(component: Component): Visibility {
  const text = component.text('CLASS').toLowerCase()
  if (text === '') return 'default'
  return text === 'public' || text === 'confidential' ? text : 'private'
}

/** Whether an event counts as cancelled although its STATUS does not say so. */
export function isCancelledByTitle(component: Component): boolean {
  const isFree =
    component.text('X-MICROSOFT-CDO-BUSYSTATUS').toUpperCase() === 'FREE' ||
    component.text('TRANSP').toUpperCase() === 'TRANSPARENT'
  return isFree && saysCancelled(component.text('SUMMARY'))
}
