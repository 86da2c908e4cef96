import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { migrateToLatest, openDatabase, requireCurrentSchema } from '../../src/platform/db/index.ts'
import { generateEncryptionKey } from '../../src/platform/secrets/index.ts'
import { cloneDatabase, createTestDatabase, dropDatabase } from '../support/database.ts'
import { icsFeed, standup, weekly } from '../support/ics.ts'
import { findBrokenInvariants } from '../support/plan-world.ts'
import { createInstallation } from '../support/program.ts'

const bin = path.resolve(import.meta.dirname, '../../bin/rapporteur.js')

test('several processes share one database: they refuse it before it is migrated, and plan one meeting once when all sync at the same time', async () => {
  await using here = await createInstallation()
  const databaseUrl = await cloneDatabase('template0')
  const env = {
    DATABASE_URL: databaseUrl,
    CREDENTIALS_ENCRYPTION_KEY: generateEncryptionKey(),
    TRANSCRIPT_TOKEN_SECRET: generateEncryptionKey(),
  }
  expect((await here.run(['worker'], env)).err).toContain('has not been set up')
  expect(await here.run(['migrate'], env)).toMatchObject({ status: 0 })
  expect((await here.run(['migrate'], env)).out).toContain('Up to date')
  const missing = await here.run(['calendar', 'list'], { DATABASE_URL: databaseUrl })
  expect(missing).toMatchObject({ status: 1 })
  expect(missing.err).toContain('npx rapporteur generate-key')

  const file = path.join(here.folder, 'shared.ics')
  await writeFile(file, icsFeed())
  for (const owner of ['ana', 'ben', 'caro']) {
    await here.run(['calendar', 'add', 'ics', file, '--owner', `${owner}@example.com`], env)
  }
  const soon = new Date(Date.now() + 3_600_000).toISOString().replace(/[-:]|\.\d+/g, '')
  const today = [...standup, 'ATTENDEE;PARTSTAT=ACCEPTED:mailto:caro@example.com'].map((line) =>
    line.replace(/^DTSTART:.*/, `DTSTART:${soon}`).replace(/^DTEND:.*/, 'DURATION:PT15M'),
  )
  await writeFile(file, icsFeed(today, weekly))
  const all = await Promise.all([1, 2, 3].map(() => here.run(['sync-calendar', '--all'], env)))
  expect(all.map((result) => result.status)).toEqual([0, 0, 0])

  const db = await openDatabase({ url: databaseUrl, maxConnections: 1 })
  const standUps = await db.selectFrom('meeting').select('copies').where('title', '=', 'Stand-up').execute()
  expect(standUps).toEqual([{ copies: 3 }])
  expect(await findBrokenInvariants(db)).toEqual([])
  await db.destroy()
  await dropDatabase(databaseUrl)
}, 60_000)

test('web and worker run apart on one database and stop when asked', async () => {
  await using here = await createInstallation()
  await using database = await createTestDatabase()
  const env = {
    PATH: process.env.PATH ?? '',
    PORT: '0',
    DATABASE_URL: database.url,
    CREDENTIALS_ENCRYPTION_KEY: generateEncryptionKey(),
    TRANSCRIPT_TOKEN_SECRET: generateEncryptionKey(),
    METRICS_PORT: '0',
  }
  const processes = ['web', 'worker'].map((role) =>
    spawn(process.execPath, [bin, role], { cwd: here.folder, env, stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  for (const child of processes) {
    let said = ''
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      said += chunk
      if (/listens|runs/.test(said)) break
    }
    child.stdout.resume()
    expect(said).toMatch(/The web server listens|The worker runs/)
    const [, port] =
      /"message":"Metrics are served".*"port":(\d+)/.exec(said) ?? /"port":(\d+),"message":"Metrics/.exec(said) ?? []
    const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
    expect(await (await ask('/metrics')).text()).toContain('rapporteur_process_cpu_seconds_total')
    expect((await ask('/health/ready')).status).toBe(200)
    expect((await ask('/dashboard/')).status).toBe(404)
  }
  const ended = processes.map((child) => once(child, 'exit'))
  for (const child of processes) child.kill('SIGTERM')
  expect((await Promise.all(ended)).map(([status]) => status)).toEqual([0, 0])
})

test('a database of another version is refused in one sentence that says what to do', async () => {
  await using database = await createTestDatabase()
  await sql`update kysely_migration set name = '9999-from-the-future' where name = (select max(name) from kysely_migration)`.execute(
    database.db,
  )
  await expect(requireCurrentSchema(database.db)).rejects.toThrow('newer than this program')
  await expect(migrateToLatest(database.db)).rejects.toThrow('newer than this program')
})

test('two processes that migrate at once both end well', async () => {
  const databaseUrl = await cloneDatabase('template0')
  const dbs = await Promise.all([1, 2, 3].map(() => openDatabase({ url: databaseUrl, maxConnections: 2 })))
  const applied = await Promise.all(dbs.map((db) => migrateToLatest(db)))
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1)
  for (const db of dbs) await requireCurrentSchema(db)
  await Promise.all(dbs.map((db) => db.destroy()))
  await dropDatabase(databaseUrl)
})
