import path from 'node:path'
import type { App } from '../../app.ts'
import { newId } from '../../base/ids.ts'
import { Resources } from '../../base/resources.ts'
import {
  Attendance,
  type AttendanceDeps,
  attendeeServerOf,
  KeptSound,
  openPresence,
  type Runner,
  runners,
} from '../../features/attendance/index.ts'
import { limitsWith } from '../../features/bots/index.ts'
import { noteWhereLinkLed } from '../../features/meetings/index.ts'
import { addressesOf, recognise } from '../../features/people/index.ts'
import { settleMeeting } from '../../pipeline.ts'
import { findBrowser } from '../../platform/browser/index.ts'
import { botHostScript } from '../bot-process/bot-host-script.ts'

/** Begins to attend meetings with this worker. What is missing is said once, and everything else goes on. */
export async function startAttendance(app: App, options: Partial<AttendanceDeps> = {}): Promise<Attendance> {
  const { config, log } = app
  const voices = await app.openVoices()
  await using resources = new Resources()
  const workerId = options.workerId ?? `worker_${newId()}`
  const program = { configuredPath: config.chromiumPath, dataDir: config.dataDir, owner: workerId }
  if (!options.runners) {
    // A packaged browser is unpacked now, and not when the first meeting waits for it. What is wrong with it the first bot says.
    const found = findBrowser(program).catch(() => {})
    resources.defer(() => found)
  }
  const browser = resources.use(
    runners.browser.open({
      script: botHostScript,
      browser: program,
      clock: app.clock,
      botsPerHost: config.bots.perHost,
      onNote: (message) => log.warn('About the browser', { note: message }),
    }),
  )
  const attendee = createAttendee(app)
  if (attendee) resources.use(attendee)
  const presence = resources.use(await openPresence({ workerId, dataDir: config.dataDir, log }))
  const kept = resources.use(new KeptSound({ folder: path.join(config.dataDir, 'workers'), workerId, log }))
  const owned = resources.move()
  return new Attendance({
    workerId,
    presence,
    kept,
    db: app.db,
    queue: app.queue,
    clock: app.clock,
    log,
    voices,
    runners: { browser, ...(attendee ? { attendee } : {}) },
    signals: app.signals,
    settled: (trx, meeting) => settleMeeting(app, trx, meeting),
    leadsThere: (input) => noteWhereLinkLed({ ...app.reconcile, db: app.db, readLink: app.readLink }, input),
    directory: { recognise, addressesOf, knownPeople: app.knownPeople },
    capacity: config.bots.perWorker,
    total: config.bots.max,
    limits: limitsWith(config.bots.limits),
    botName: config.botName,
    otherBotNames: config.otherBotNames,
    chatLine: config.botChatMessage,
    ...options,
    close: () => owned[Symbol.asyncDispose](),
  })
}

/** The Attendee server, where one is configured. */
function createAttendee(app: App): Runner | undefined {
  const server = attendeeServerOf(app.config, app.secrets)
  return server && runners.attendee.open({ ...app, ...server })
}
