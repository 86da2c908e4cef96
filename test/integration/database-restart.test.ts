import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { buildApp, startWorker } from '../../src/app.ts'
import { Resources } from '../../src/base/resources.ts'
import { connectByAddress, syncCalendarJob } from '../../src/features/calendars/index.ts'
import { loadConfig } from '../../src/platform/config/index.ts'
import { openEmbeddedDatabase } from '../../src/platform/db/embedded/index.ts'
import { sendJobsNow } from '../../src/platform/jobs/index.ts'
import { createLogger } from '../../src/platform/observe/index.ts'
import { startHttpServer } from '../support/http-servers.ts'
import { icsFeed, standup } from '../support/ics.ts'
import { createLogCapture } from '../support/log-capture.ts'
import { findBrokenInvariants } from '../support/plan-world.ts'
import { signalProcess } from '../support/processes.ts'

const PEOPLE = 6

test('the database killed in the middle of everything costs nothing: syncs are repeated and the plan is right in the end', async () => {
  await using resources = new Resources()
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-restart-'))
  await chmod(dataDir, 0o711)
  resources.defer(() => rm(dataDir, { recursive: true, force: true }))
  const server = resources.use(
    await openEmbeddedDatabase({ dataDir, purpose: 'start', commandName: 'test', log: () => {} }),
  )
  let round = 0
  const feed = await startHttpServer((request, response) => {
    const person = Number(request.url?.match(/\d+/)?.[0])
    const guests = Array.from({ length: PEOPLE }, (_, n) => `ATTENDEE;PARTSTAT=ACCEPTED:mailto:p${n}@example.com`)
    const entry = [...standup, ...guests].map((line) => line.replace('Stand-up', `Round ${round}`))
    const own = entry.map((line) =>
      line.replace('standup@', `own-${person}@`).replace('abc-defg-hij', `abc-defg-hi${'abcdef'[person]}`),
    )
    response.writeHead(200, { 'content-type': 'text/calendar' }).end(icsFeed(entry, own))
  })
  const logs = createLogCapture()
  const { config, secrets } = loadConfig({ DATA_DIR: dataDir, ALLOW_PRIVATE_HOSTS: `127.0.0.1:${feed.port}` }, dataDir)
  const app = resources.use(
    await buildApp({
      config,
      secrets,
      databaseUrl: server.url,
      migrate: true,
      runsJobs: true,
      clock: { now: () => new Date('2026-11-23T08:00:00Z') },
      log: createLogger({ level: 'info', destination: logs }),
    }),
  )
  const ids: string[] = []
  for (let person = 0; person < PEOPLE; person++) {
    const address = `${feed.origin}/${person}.ics`
    ids.push((await connectByAddress(app, { provider: 'ics', address, owner: `p${person}@example.com` })).id)
  }
  const work = await startWorker(app)
  resources.defer(() => work.drain(5_000))

  let killed = 0
  for (round = 1; round <= 3; round++) {
    await persist(() =>
      sendJobsNow(
        app.queue,
        ids.map((calendarId) => ({ job: syncCalendarJob, payload: { calendarId }, key: calendarId })),
      ),
    )
    killed = await persist(() => killPostmaster(server.location, killed))
  }
  round = 3
  const titles = () =>
    persist(() => app.db.selectFrom('event').select('title').where('title', '=', 'Round 3').execute()).then(
      (rows) => rows.length,
    )
  while ((await titles()) < PEOPLE * 2) {
    await persist(() =>
      sendJobsNow(
        app.queue,
        ids.map((calendarId) => ({ job: syncCalendarJob, payload: { calendarId }, key: calendarId })),
      ),
    )
    await pause()
  }
  expect(await app.db.selectFrom('meeting').select(['title', 'copies']).where('copies', '>', 1).execute()).toEqual([
    { title: 'Round 3', copies: PEOPLE },
  ])
  const broken = (await findBrokenInvariants(app.db)) as { what: string }[]
  expect(broken).toEqual([])
  expect(await app.health.readiness()).toMatchObject({ ready: true })
}, 60_000)

/** Kills the server's main process once it is another one than the last that was killed. */
async function killPostmaster(cluster: string, lastKilled: number): Promise<number> {
  const pid = Number((await readFile(path.join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[0])
  if (pid === lastKilled) throw new Error('not restarted yet')
  signalProcess(pid)
  return pid
}

/** Tries until it works: the database is away for a moment. */
async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch {
      await pause()
    }
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 100))
