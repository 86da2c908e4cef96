import { AppError } from '../../../../base/errors.ts'
import { cleanLine } from '../../../../base/text.ts'
import { startOfContent } from './content-lines.ts'

/** Throws `ics_not_calendar` unless the text begins as an iCalendar file does. An error page must never pass for a calendar without events. */
export function checkIsCalendar(text: string): void {
  const start = startOfContent(text)
  const head = text.slice(start, start + 4_096)
  if (/^BEGIN[ \t]*:[ \t]*VCALENDAR/i.test(head)) return
  throw new AppError('ics_not_calendar', describe(head, text), { retry: 'later' })
}

const ADVICE =
  'Check the address: it must be the one for subscribing in iCalendar format (it often ends in .ics), and open without signing in.'

function describe(head: string, text: string): string {
  if (head === '') return `The calendar’s address answered with nothing. ${ADVICE}`
  if (/^[ \t]*BEGIN[ \t]*:[ \t]*VCALENDAR/im.test(text)) {
    return `Before the calendar its server wrote something else (${excerptOf(head)}), so it may not be whole and was not used. It is read again at the next look; if this stays so, tell whoever runs that server.`
  }
  if (/^<(!doctype|html|head|body|\?xml|script|!--)/i.test(head)) {
    return `The calendar’s address answered with a web page, perhaps one for signing in, instead of a calendar. ${ADVICE}`
  }
  if (/^[[{]/.test(head))
    return `The calendar’s address answered with JSON, perhaps an error message, instead of a calendar. ${ADVICE}`
  return `What the calendar’s address answered is not a calendar: it does not begin with BEGIN:VCALENDAR. ${ADVICE}`
}

/** The first words of what a server wrote in place of a calendar, without tags, in quotation marks. */
export function excerptOf(text: string): string {
  return `“${cleanLine(text.slice(0, 2_000).replace(/<[^<>]*>/g, ' '), 80) || 'a web page'}”`
}
