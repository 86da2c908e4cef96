import { answerAsset, answerHealth, answerMetrics, answerReadiness } from './machine-answers.ts'
import { showAboutBot } from './pages/about-bot-page.tsx'
import { showAttendance } from './pages/attendance/attendance-page.tsx'
import {
  letMeetingGoAsPlanned,
  sendBotToMeeting,
  stopBotOfMeeting,
  switchAttendance,
} from './pages/attendance-actions.ts'
import { tryAttendeeServer } from './pages/attendee-problems.tsx'
import { showCalendar, syncCalendarNow } from './pages/calendars/calendar-page.tsx'
import { showCalendars } from './pages/calendars/calendars-page.tsx'
import { showDay } from './pages/day/day-page.tsx'
import { retryAllJobs, retryJob } from './pages/failed-jobs.tsx'
import { showMeeting } from './pages/meeting/meeting-page.tsx'
import { openSandbox } from './pages/open-sandbox.ts'
import { showProblems } from './pages/problems-page.tsx'
import { showSignIn, signIn, signOut } from './pages/sign-in-page.tsx'
import { answerAudio } from './pages/transcript/answer-audio.ts'
import { answerText, answerVtt } from './pages/transcript/downloads.ts'
import { redirectOldAddress } from './pages/transcript/redirect-old-address.ts'
import { streamTranscript } from './pages/transcript/stream-transcript.ts'
import { showTranscript } from './pages/transcript/transcript-page.tsx'
import { providerRoutes } from './provider-routes.ts'
import type { Route } from './route.ts'
import { receiveNoticeOfAttendee } from './webhooks/attendee.ts'

/** Every address there is, with who may call it. */
export const routes: readonly Route[] = [
  { method: 'GET', path: '/', caller: 'public', handle: (c) => c.redirect('/dashboard/') },
  { method: 'GET', path: '/assets/:file', caller: 'public', anyHost: true, handle: answerAsset },
  { method: 'GET', path: '/health', caller: 'public', anyHost: true, handle: answerHealth },
  { method: 'GET', path: '/health/ready', caller: 'public', anyHost: true, handle: answerReadiness },
  { method: 'GET', path: '/metrics', caller: 'machine', anyHost: true, handle: answerMetrics },

  { method: 'GET', path: '/dashboard/sign-in', caller: 'public', handle: showSignIn },
  { method: 'POST', path: '/dashboard/sign-in', caller: 'public', handle: signIn },
  { method: 'POST', path: '/dashboard/sign-out', caller: 'signed_in', handle: signOut },

  { method: 'GET', path: '/dashboard/sandbox', caller: 'public', handle: openSandbox },

  { method: 'GET', path: '/dashboard', caller: 'administrator', handle: showDay },
  { method: 'GET', path: '/dashboard/meetings/:id', caller: 'administrator', handle: showMeeting },
  { method: 'GET', path: '/dashboard/attendance', caller: 'administrator', handle: showAttendance },
  { method: 'POST', path: '/dashboard/attendance', caller: 'administrator', handle: switchAttendance },
  { method: 'POST', path: '/dashboard/meetings/:id/send-bot', caller: 'administrator', handle: sendBotToMeeting },
  { method: 'POST', path: '/dashboard/meetings/:id/stop-bot', caller: 'administrator', handle: stopBotOfMeeting },
  {
    method: 'POST',
    path: '/dashboard/meetings/:id/as-planned',
    caller: 'administrator',
    handle: letMeetingGoAsPlanned,
  },
  { method: 'GET', path: '/dashboard/calendars', caller: 'administrator', handle: showCalendars },
  { method: 'GET', path: '/dashboard/calendars/:id', caller: 'administrator', handle: showCalendar },
  { method: 'POST', path: '/dashboard/calendars/:id/sync', caller: 'administrator', handle: syncCalendarNow },
  { method: 'GET', path: '/dashboard/problems', caller: 'administrator', handle: showProblems },
  { method: 'POST', path: '/dashboard/problems/retry-all', caller: 'administrator', handle: retryAllJobs },
  {
    method: 'POST',
    path: '/dashboard/problems/try-attendee',
    caller: 'administrator',
    handle: tryAttendeeServer,
  },
  { method: 'POST', path: '/dashboard/problems/:id/retry', caller: 'administrator', handle: retryJob },

  ...providerRoutes,

  { method: 'GET', path: '/transcripts/:id', caller: 'public', handle: redirectOldAddress },
  { method: 'GET', path: '/dashboard/transcripts/:id', caller: 'reader', handle: showTranscript },
  { method: 'GET', path: '/dashboard/transcripts/:id/transcript.txt', caller: 'reader', handle: answerText },
  { method: 'GET', path: '/dashboard/transcripts/:id/transcript.vtt', caller: 'reader', handle: answerVtt },
  {
    method: 'GET',
    path: '/dashboard/transcripts/:id/stream',
    caller: 'reader',
    isStream: true,
    handle: streamTranscript,
  },
  { method: 'GET', path: '/dashboard/transcripts/:id/audio', caller: 'reader', handle: answerAudio },

  {
    method: 'POST',
    path: '/dashboard/webhook/attendee',
    caller: 'webhook',
    anyHost: true,
    handle: receiveNoticeOfAttendee,
  },

  { method: 'GET', path: '/about-bot', caller: 'public', handle: showAboutBot },
]
