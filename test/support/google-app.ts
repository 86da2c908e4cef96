import { type SandboxGoogle, type SandboxGoogleOptions, startSandboxGoogle } from '../../sandbox/google/start-google.ts'
import { Resources } from '../../src/base/resources.ts'
import { createNoticeReceiver } from '../../src/features/calendars/index.ts'
import { wakeChangedCalendars } from '../../src/pipeline.ts'
import type { Metrics } from '../../src/platform/observe/index.ts'
import { createTestApp, type TestApp } from './app.ts'
import { createManualClock } from './manual-clock.ts'
import { startTestWeb, type TestWeb } from './web.ts'

export interface GoogleTestApp extends TestApp {
  google: SandboxGoogle
  /** The pages of the same installation, which take its notices. */
  web: TestWeb
  /** Where this web takes them. */
  noticeAddress: string
  /** Another process on the same database, with settings of its own. */
  restart(env: Record<string, string>): Promise<TestApp>
}

export interface GoogleTestOptions extends Omit<Partial<SandboxGoogleOptions>, 'clock'> {
  env?: Record<string, string>
  /** Kept apart from the pages' own where it matters which process counted. */
  metrics?: Metrics
}

const SECRETS = {
  CREDENTIALS_ENCRYPTION_KEY: 'correct-horse-battery-staple-32c',
  TRANSCRIPT_TOKEN_SECRET: 'a secret of this test',
}

/** The product beside the sandbox's Google, both on one clock that stands still. */
export async function createGoogleTestApp({
  env,
  metrics,
  ...options
}: GoogleTestOptions = {}): Promise<GoogleTestApp> {
  await using resources = new Resources()
  const clock = createManualClock('2026-11-23T08:00:00Z')
  const google = resources.use(await startSandboxGoogle({ clock, ...options }))
  const settings = { ...SECRETS, ...google.environment, ...env }
  const testApp = resources.use(await createTestApp({ clock, env: settings }))
  const { app } = testApp
  const receiver = createNoticeReceiver({ ...app, markChanged: (trx, ids) => wakeChangedCalendars(app, trx, ids) })
  const web = resources.use(await startTestWeb({ receiveNotice: receiver.receive, ...(metrics ? { metrics } : {}) }))
  const owned = resources.move()
  return {
    ...testApp,
    clock,
    google,
    web,
    noticeAddress: `${web.origin}/dashboard/webhook/google-calendar/`,
    restart: (changed) => createTestApp({ clock, env: { ...settings, ...changed }, databaseUrl: testApp.databaseUrl }),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}
