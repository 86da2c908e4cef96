import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { CalendarFile } from './calendar-server.ts'

/** What can be wrong with a calendar's address, in the order in which pages list it. */
export const FAULTS = [
  'html',
  'empty',
  'truncated',
  'truncated_with_length',
  'unauthorized',
  'server_error',
  'not_found',
  'endless',
  'slow_headers',
  'reset',
  'etag_changes_same_content',
  'redirect_to_private',
] as const

export type Fault = (typeof FAULTS)[number]

/** True for the name of a fault, such as one from a form. */
export function isFault(name: string): name is Fault {
  return (FAULTS as readonly string[]).includes(name)
}

/** Where `redirect_to_private` leads: an address that only exists inside networks. */
export const PRIVATE_ADDRESS = 'http://10.0.0.1/calendar.ics'

const LOGIN_PAGE =
  '<!doctype html><html><head><title>Sign in</title></head><body><form>Please sign in</form></body></html>\n'

/** Answers a request for this file as a server with the fault would. */
export const answerWithFault: Record<Fault, (response: ServerResponse, file: CalendarFile) => void> = {
  html: (response) => void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(LOGIN_PAGE),
  empty: (response) => void calendarHead(response).end(),
  // The answer is complete as HTTP; only the file's end is missing.
  truncated: (response, file) => void calendarHead(response).end(firstHalf(file)),
  truncated_with_length: (response, file) => {
    calendarHead(response, { 'content-length': Buffer.byteLength(file.body) })
    response.write(firstHalf(file), () => response.destroy())
  },
  unauthorized: (response) =>
    void response.writeHead(401, { 'www-authenticate': 'Basic realm="Calendars"' }).end('Unauthorized\n'),
  server_error: (response) => void response.writeHead(500).end('Internal Server Error\n'),
  not_found: (response) => void response.writeHead(404).end('Not Found\n'),
  endless: (response, file) => {
    calendarHead(response).write(file.body.replace(/END:VCALENDAR\r\n$/, ''))
    const line = `X-ENDLESS:${'o'.repeat(60)}\r\n`.repeat(200)
    const send = () => {
      while (!response.destroyed && response.write(line));
    }
    response.on('drain', send)
    send()
  },
  // The head begins and never ends; the reader has to give up.
  slow_headers: (response) => void response.socket?.write('HTTP/1.1 200 OK\r\nContent-Type: text/cal'),
  reset: (response) => void response.socket?.resetAndDestroy(),
  etag_changes_same_content: (response, file) =>
    void calendarHead(response, { etag: `"${randomUUID()}"` }).end(file.body),
  redirect_to_private: (response) => void response.writeHead(302, { location: PRIVATE_ADDRESS }).end(),
}

function calendarHead(response: ServerResponse, headers: Record<string, string | number> = {}): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/calendar; charset=utf-8', ...headers })
}

/** Cut inside a property, as a lost connection does it. */
function firstHalf({ body }: CalendarFile): string {
  const middle = body.indexOf('SUMMARY:', body.length / 2)
  return body.slice(0, middle === -1 ? body.length / 2 : middle + 5)
}
