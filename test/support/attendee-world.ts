import { type AttendeeOptions, type PretendAttendee, startAttendee } from '../../sandbox/attendee/start-attendee.ts'
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts'
import { systemClock } from '../../src/base/clock.ts'
import { Resources } from '../../src/base/resources.ts'
import { type Bot, claimBot, createAttendeeRunner, type Runner } from '../../src/features/bots/index.ts'
import { askForBot, type Meeting } from '../../src/features/meetings/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { createTestApp, type TestApp } from './app.ts'

/** Looks often, so that nothing has to be waited for. */
export const quickPauses = { farMs: 50, nearMs: 20, inRoomMs: 30, processingMs: 20, failedMs: 20, failedMostMs: 50 }

/** The product with a stand-in Attendee server that attends the sandbox's rooms. */
export interface AttendeeWorld extends AsyncDisposable {
  sandbox: Sandbox
  attendee: PretendAttendee
  testApp: TestApp
  openRunner(options?: Partial<Parameters<typeof createAttendeeRunner>[0]>): Runner
  /** Sends a bot to a room, and claims it as a worker does. */
  claim(url: string): Promise<{ bot: Bot; meeting: Meeting }>
}

export async function createAttendeeWorld(options: Partial<AttendeeOptions> = {}): Promise<AttendeeWorld> {
  const resources = new Resources()
  const sandbox = resources.use(await startSandbox({ clock: systemClock }))
  const attendee = resources.use(await startAttendee({ clock: systemClock, ...options }))
  const testApp = resources.use(
    await createTestApp({
      clock: systemClock,
      runsJobs: true,
      sandbox: { origin: sandbox.origin, dataDir: '/nonexistent' },
      env: {
        CREDENTIALS_ENCRYPTION_KEY: 'a'.repeat(32),
        TRANSCRIPT_TOKEN_SECRET: 'test',
        RUNNERS: 'sandbox=attendee',
        ATTENDEE_API_URL: attendee.origin,
        ATTENDEE_API_KEY: attendee.apiKey,
        ATTENDEE_WEBHOOK_SECRET: attendee.webhookSecret,
      },
    }),
  )
  const { app } = testApp
  return {
    sandbox,
    attendee,
    testApp,
    openRunner: (more) =>
      createAttendeeRunner({
        ...app,
        url: new URL(attendee.origin),
        apiKey: attendee.apiKey,
        pauses: quickPauses,
        ...more,
      }),
    async claim(url) {
      const room = { platform: 'sandbox' as const, roomId: url, url }
      const meeting = await askForBot({ ...app.reconcile, db: app.db }, { room })
      const deps = { clock: systemClock, survivesWorker: () => true }
      const bot = await inTransaction(app.db, (trx) => claimBot(deps, trx, { meeting, jobId: meeting.id }))
      if (!bot) throw new Error('There is no bot to claim')
      return { bot, meeting }
    },
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  }
}
