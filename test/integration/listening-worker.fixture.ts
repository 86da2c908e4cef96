// A worker that listens to somebody, to be killed by a test in the middle of a sentence.
import { systemClock } from '../../src/base/clock.ts'
import { systemTimers } from '../../src/base/timers.ts'
import { SittingWriter } from '../../src/features/attendance/writing/sitting-writer.ts'
import { allJobs } from '../../src/jobs.ts'
import { openDatabase } from '../../src/platform/db/index.ts'
import { openQueue } from '../../src/platform/jobs/index.ts'
import { createLogger } from '../../src/platform/observe/index.ts'
import { speak, tell } from '../support/spoken-meeting.ts'

const url = process.env.DATABASE_URL ?? ''
const bot = JSON.parse(process.env.BOT ?? '{}')
const log = createLogger({ level: 'warn' })
const db = await openDatabase({ url })
const queue = await openQueue({ databaseUrl: url, jobs: allJobs, log, supervise: false })
const writer = new SittingWriter(
  {
    db,
    queue,
    clock: systemClock,
    timers: systemTimers,
    log,
    voices: undefined,
  },
  { ...bot, joinAt: new Date(bot.joinAt) },
)
await writer.apply({ type: 'recording_started', at: new Date(bot.joinAt) })
await writer.apply({
  type: 'participant',
  at: new Date(bot.joinAt),
  change: 'joined',
  participant: { nativeId: 'anna', name: 'Anna Voice', hasBotName: false },
})
// The first sentence is over and stored; the rest is spoken in one go, and nobody has cut it yet.
await tell(writer, 'anna', await speak('slt-question', 1_500, 'rms-promise', 'rms-delivery', 'rms-promise'))
process.send?.('spoken')
setInterval(() => {}, 60_000)
