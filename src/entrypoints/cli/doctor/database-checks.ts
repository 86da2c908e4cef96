import { type CheckReport, failed, ok, warning } from '../../../base/check-report.ts'
import { systemClock } from '../../../base/clock.ts'
import { describeError } from '../../../base/errors.ts'
import { countOf } from '../../../base/text.ts'
import type { ServerTrial } from '../../../features/attendance/index.ts'
import { listCalendars, listProblems } from '../../../features/calendars/index.ts'
import { readAttendanceMode } from '../../../features/meetings/index.ts'
import { explainWeakSecret } from '../../../features/transcripts/index.ts'
import {
  type Database,
  migrateToLatest,
  openDatabase,
  readClockSkewMs,
  readSchemaVersion,
  schemaVersion,
} from '../../../platform/db/index.ts'
import { compareSecrets, loadInstallationSecrets } from '../../../platform/secrets/index.ts'
import type { DatabaseForCommand } from '../open-installation.ts'
import { checkAttendeeRecords } from './attendee-checks.ts'

const TOLERATED_SKEW_MS = 5_000

/** The database and what stands in it; what an Attendee server was just found to do is stored there. */
export async function checkDatabase(
  database: DatabaseForCommand,
  trial: ServerTrial | undefined,
): Promise<CheckReport[]> {
  const { config, secrets } = database.loaded
  let db: Database
  try {
    db = await openDatabase({ url: database.url, maxConnections: 2 })
  } catch (error) {
    return [failed('database', describeError(error))]
  }
  try {
    if (database.mayMigrate) await migrateToLatest(db)
    const schema = await checkSchema(db)
    if (schema.outcome !== 'ok') return [schema]
    return [
      schema,
      await checkClock(db),
      await checkSecrets(db, database),
      await checkCalendars(db),
      await checkAttendance(db),
      ...(secrets.attendee ? await checkAttendeeRecords(db, config, trial) : []),
    ]
  } finally {
    await db.destroy()
  }
}

async function checkSchema(db: Database): Promise<CheckReport> {
  const found = await readSchemaVersion(db)
  if (found === schemaVersion) return ok('database', `Answers, at version ${found}.`)
  return failed(
    'database',
    `Answers, but is at version ${found ?? 'none'} and not ${schemaVersion}. Run \`npx rapporteur migrate\`.`,
  )
}

async function checkClock(db: Database): Promise<CheckReport> {
  const skewMs = await readClockSkewMs(db)
  if (skewMs < TOLERATED_SKEW_MS) return ok('clock', 'This machine and the database agree on the time.')
  return warning(
    'clock',
    `This machine and the database are ${Math.round(skewMs / 1_000)} s apart. Set their clocks by NTP.`,
  )
}

async function checkSecrets(db: Database, { loaded }: DatabaseForCommand): Promise<CheckReport> {
  try {
    const generatedIn = loaded.config.database.kind === 'embedded' ? loaded.config.dataDir : undefined
    const now = systemClock.now()
    const { weak } = await compareSecrets(db, loadInstallationSecrets({ given: loaded.secrets, generatedIn }), now)
    const weakness = weak && explainWeakSecret(weak, now)
    if (weakness !== undefined) return warning('secrets', weakness)
    if (weak)
      return ok(
        'secrets',
        `Are those the database was set up with. No link depends on ${weak.name} any more; replace it.`,
      )
    return ok('secrets', 'Are those the database was set up with.')
  } catch (error) {
    return failed('secrets', describeError(error))
  }
}

async function checkCalendars(db: Database): Promise<CheckReport> {
  const calendars = await listCalendars(db)
  const failing = calendars.filter((calendar) => calendar.failureCount > 0)
  if (calendars.length === 0) {
    return warning(
      'calendars',
      'None is connected. `npx rapporteur calendar add ics FILE-OR-URL --owner you@example.com` connects one.',
    )
  }
  if (failing.length > 0) {
    const [first] = failing
    return warning(
      'calendars',
      `${failing.length} of ${calendars.length} cannot be read now. ${first?.ownerEmail}: ${first?.failureMessage}`,
    )
  }
  const problems = await Promise.all(calendars.map((calendar) => listProblems(db, calendar.id)))
  const entries = problems.reduce((sum, list) => sum + list.length, 0)
  const said = `${countOf(calendars.length, 'calendar')} connected and read.`
  return entries === 0
    ? ok('calendars', said)
    : warning(
        'calendars',
        `${said} ${countOf(entries, 'entry', 'entries')} in them could not be used; the Problems page lists them.`,
      )
}

async function checkAttendance(db: Database): Promise<CheckReport> {
  const mode = await readAttendanceMode(db)
  return ok('attendance', mode === 'on' ? 'On.' : 'Observing: everything is planned, nothing is attended.')
}
