import { AppError } from '../../../../base/errors.ts'

/** Throws `ics_not_calendar` unless the text begins as an iCalendar file does. An error page must never pass for a calendar without events. */
export function checkIsCalendar(text: string): void {
  const head = text
    .slice(0, 4_096)
    .replace(/^\ufeff/, '')
    .trimStart()
  if (/^BEGIN[ \t]*:[ \t]*VCALENDAR/i.test(head)) return
  throw new AppError('ics_not_calendar', `${describe(head, text)} ${ADVICE}`, { retry: 'later' })
}

const ADVICE =
  'Check the address: it must be the one for subscribing in iCalendar format (it often ends in .ics), and open without signing in.'

function describe(head: string, text: string): string {
  if (head === '' && text.trim() === '') return 'The calendar’s address answered with nothing.'
  if (/^<(!doctype|html|head|body|\?xml|script|!--)/i.test(head)) {
    return 'The calendar’s address answered with a web page, perhaps one for signing in, instead of a calendar.'
  }
  if (/^[[{]/.test(head))
    return 'The calendar’s address answered with JSON, perhaps an error message, instead of a calendar.'
  return 'What the calendar’s address answered is not a calendar: it does not begin with BEGIN:VCALENDAR.'
}
