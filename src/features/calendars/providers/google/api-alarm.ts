import type { Clock } from '../../../../base/clock.ts'
import { AppError } from '../../../../base/errors.ts'
import { MINUTE_MS, SECOND_MS } from '../../../../base/time.ts'
import type { Database } from '../../../../platform/db/index.ts'
import { claimProbe, clearProviderAlarm, raiseProviderAlarm, readProviderAlarm } from '../provider-alarm-store.ts'
import type { GoogleAccess } from './access.ts'

/** Whether the Calendar API answers at all: a project that has not enabled it concerns everybody, and no calendar is to blame. */
export interface ApiAlarm {
  /** Throws what is wrong while the alarm stands, but for one caller a minute, who tries for all. */
  check(access: GoogleAccess): Promise<void>
  /** Raises the alarm; answers what to throw. */
  raise(access: GoogleAccess, error: AppError): Promise<AppError>
  /** A call was answered: if the alarm stood, it ends. */
  end(access: GoogleAccess): Promise<void>
}

interface ApiAlarmDeps {
  db: Database
  clock: Clock
  log?: { warn(message: string, fields?: Record<string, unknown>): void; info(message: string): void }
}

const TRY_EVERY_MS = MINUTE_MS
/** How long a process believes that nothing is wrong before it asks whether another one found out. */
const BELIEVE_MS = MINUTE_MS

export function createApiAlarm({ db, clock, log }: ApiAlarmDeps): ApiAlarm {
  const known = new Map<string, { isStanding: boolean; readAt: number }>()
  const note = (name: string, isStanding: boolean) => known.set(name, { isStanding, readAt: clock.now().getTime() })

  return {
    async check(access) {
      const name = nameOf(access)
      const now = clock.now()
      const last = known.get(name)
      if (last && !last.isStanding && now.getTime() - last.readAt < BELIEVE_MS) return
      const alarm = await readProviderAlarm(db, name)
      note(name, alarm !== undefined)
      if (!alarm || (await claimProbe(db, name, new Date(now.getTime() + TRY_EVERY_MS), now))) return
      const retryAfterMs = Math.max(SECOND_MS, alarm.probeAt.getTime() - now.getTime())
      throw new AppError(alarm.code, alarm.message, {
        retry: 'later',
        retryAfterMs,
        details: { concerns: 'everybody' },
      })
    },
    async raise(access, { code, message, details }) {
      const now = clock.now()
      const name = nameOf(access)
      await raiseProviderAlarm(db, { name, code, message, probeAt: new Date(now.getTime() + TRY_EVERY_MS) }, now)
      note(name, true)
      log?.warn('Google answers nobody', { code, said: details.said })
      return new AppError(code, message, {
        retry: 'later',
        retryAfterMs: TRY_EVERY_MS,
        details: { ...details, concerns: 'everybody' },
      })
    },
    async end(access) {
      const name = nameOf(access)
      if (known.get(name)?.isStanding !== true) return
      if (await clearProviderAlarm(db, name)) log?.info('Google answers again')
      note(name, false)
    },
  }
}

/** The service account and the OAuth client may be of two projects. */
function nameOf({ kind }: GoogleAccess): string {
  return `google_calendar_api ${kind}`
}
