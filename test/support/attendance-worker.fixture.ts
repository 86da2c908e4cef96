// A worker in a process of its own, as `rapporteur worker` is one, to be killed and stopped by tests and benches. With ROOMS_PORT its bots
// have no browser: they are in rooms that only count, at that port.
import { connect } from 'node:net'
import { buildApp, startWorker } from '../../src/app.ts'
import { startAttendance } from '../../src/entrypoints/worker/start-attendance.ts'
import { superviseBots } from '../../src/features/attendance/index.ts'
import { loadConfig } from '../../src/platform/config/index.ts'
import { createStubRunner } from './stub-runner.ts'

const RealDate = Date
const { config, secrets } = loadConfig()
const databaseUrl = secrets.databaseUrl ?? ''
const app = await buildApp({ config, secrets, databaseUrl, migrate: false, runsJobs: true })
const roomsPort = process.env.ROOMS_PORT
const rooms = roomsPort === undefined ? undefined : connect(Number(roomsPort), '127.0.0.1')
const runner =
  rooms &&
  createStubRunner({
    clock: app.clock,
    hasSound: process.env.ROOMS_SOUND === '1',
    onChange: (change) => rooms.write(`${JSON.stringify(change)}\n`),
  })
await startWorker(app)
const attendance = await startAttendance(app, runner ? { runners: { browser: runner, attendee: runner } } : {})
process.on('message', (message) => {
  if (message === 'hand over') void attendance.handOver().then(() => process.send?.('handed over'))
  if (message === 'supervise') void superviseBots(app.supervise).then((healed) => process.send?.({ healed }))
  if (typeof message === 'object' && message && 'aheadMs' in message) setClock(Number(message.aheadMs))
})

/** Sets this process's clock, as somebody does who sets its machine's: what is monotonic goes on. */
function setClock(aheadMs: number): void {
  globalThis.Date = class extends RealDate {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [RealDate.now() + aheadMs] : given) as [number]))
    }

    static override now(): number {
      return RealDate.now() + aheadMs
    }
  } as DateConstructor
}
// A test that was ended in the middle leaves no worker behind.
process.on('disconnect', () => process.exit(1))
process.send?.('ready')
