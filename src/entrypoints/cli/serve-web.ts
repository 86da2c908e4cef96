import type { App } from '../../app.ts'
import { VERSION } from '../../base/version.ts'
import { readCapacity, receiveAttendeeNotice, whatItWaitsFor } from '../../features/attendance/index.ts'
import { listDueBots } from '../../features/bots/index.ts'
import {
  beginConsent,
  type ConsentDeps,
  completeConsent,
  createNoticeReceiver,
  syncCalendarJob,
} from '../../features/calendars/index.ts'
import { recordAudit } from '../../features/people/index.ts'
import { openRecording } from '../../features/recordings/index.ts'
import { createTranscriptFeed } from '../../features/transcripts/index.ts'
import { inTransaction } from '../../platform/db/index.ts'
import { listDeadLetters, retryDeadLetters, sendJobs } from '../../platform/jobs/index.ts'
import { createWebApp, startWebServer, type WebDeps, type WebServer } from '../web/index.ts'
import { createAttendeePages } from './attendee-pages.ts'
import { createPartsCheck } from './missing-parts.ts'

const MOST_COUNTED = 10_000

/** Serves the pages of the product. Throws `port_taken` and the like. */
export async function serveWeb(app: App): Promise<WebServer> {
  const { server } = app.config
  const feed = createTranscriptFeed(app.signals)
  const notices = createNoticeReceiver({ ...app, markChanged: (trx, ids) => app.calendars.wakeChanged(trx, ids) })
  const capacity = () => readCapacity({ ...app, total: app.config.bots.max })
  addCapacityGauges(app, capacity)
  // Known once it listens; no request is answered before.
  let port = server.port
  const web = createWebApp({
    db: app.db,
    clock: app.clock,
    knownPeople: app.knownPeople,
    log: app.log,
    metrics: app.metrics,
    health: app.health,
    server: {
      siteUrl: server.siteUrl,
      port: () => port,
      trustedProxies: server.trustedProxies,
      timeZone: server.timeZone,
    },
    metricsToken: app.secrets.metricsToken,
    sandbox: app.isSandbox,
    sandboxKey: app.sandboxKey,
    version: VERSION,
    transcripts: {
      links: app.links,
      sharing: {
        orgDomains: app.config.orgDomains,
        shareWithExternal: app.config.shareWithExternal,
        adminEmails: app.config.adminEmails,
      },
      feed,
      beatMs: 20_000,
    },
    audio: { open: (meetingId) => openRecording(app, meetingId) },
    bot: { name: app.config.botName, contact: app.config.adminEmails[0], ownWords: app.config.aboutBotText },
    missingParts: createPartsCheck(app),
    capacity,
    attendance: {
      switchTo: async (mode, actor) => {
        await app.meetings.switchAttendance({ mode, ...actor })
      },
      want: (meetingId, actor) => app.meetings.wantBot({ meetingId, ...actor }),
      refuse: (meetingId, actor) => app.meetings.refuseBot({ meetingId, ...actor }),
      followPlan: (meetingId, actor) => app.meetings.followPlan({ meetingId, ...actor }),
    },
    syncNow: (calendarId, actor) =>
      inTransaction(app.db, async (trx) => {
        await sendJobs(app.queue, trx, [{ job: syncCalendarJob, payload: { calendarId }, key: calendarId }])
        await recordAudit(trx, { at: app.clock.now(), ...actor, action: 'calendar_synced', subject: calendarId })
      }),
    providers: app.providers,
    pilotUsers: app.people.pilotUsers.length,
    consent: createConsentPages(app),
    receiveNotice: notices.receive,
    attendeeNotices: attendeeNoticesOf(app),
    attendee: createAttendeePages(app),
    deadLetters: {
      list: () => listDeadLetters(app.queue),
      retry: (ids) => retryDeadLetters(app.queue, ids),
    },
  })
  const listening = await startWebServer({ app: web, host: server.host, port: server.port })
  port = listening.port
  return {
    port,
    async [Symbol.asyncDispose]() {
      // Live pages would be waited for.
      feed[Symbol.dispose]()
      await listening[Symbol.asyncDispose]()
    },
  }
}

function addCapacityGauges({ db, clock, metrics }: App, capacity: WebDeps['capacity']): void {
  metrics.addGauge({
    name: 'bot_places',
    help: 'Places for bots of all workers, by what they are: total, or taken by the bots of a runner.',
    labelNames: ['kind'],
    async collect(set) {
      const { total, taken } = await capacity()
      set({ kind: 'total' }, total)
      for (const [runner, count] of Object.entries(taken)) set({ kind: runner }, count)
    },
  })
  metrics.addGauge({
    name: 'bots_waiting',
    help: 'Bots that are due and wait, by what for: a free place, or a worker that can launch them.',
    labelNames: ['for'],
    async collect(set) {
      const now = clock.now()
      const [places, due] = await Promise.all([capacity(), listDueBots(db, now, MOST_COUNTED)])
      const waits = due.map((bot) => whatItWaitsFor(bot, places, now)?.what)
      for (const what of ['place', 'worker'] as const) set({ for: what }, waits.filter((one) => one === what).length)
    },
  })
}

/** Without the secret nobody could tell whose notices they are. */
function attendeeNoticesOf(app: App): WebDeps['attendeeNotices'] {
  const secret = app.secrets.attendee?.webhookSecret
  return secret === undefined ? undefined : { receive: (notice) => receiveAttendeeNotice(app, { ...notice, secret }) }
}

function createConsentPages(app: App): WebDeps['consent'] {
  const deps: ConsentDeps = {
    ...{ db: app.db, clock: app.clock, encrypt: app.encrypt, decrypt: app.sync.decrypt },
    providers: app.providers,
    orgDomains: app.config.orgDomains,
    reconcile: app.sync.reconcile,
    connected: (trx, calendarId) => app.calendars.wakeChanged(trx, [calendarId]),
  }
  return {
    begin: (input) => beginConsent(deps, input),
    complete: (answer) => completeConsent(deps, answer),
    seal: app.encrypt,
    unseal: app.sync.decrypt,
  }
}
