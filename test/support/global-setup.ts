import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { allJobs } from '../../src/jobs.ts'
import type { FindBrowserOptions } from '../../src/platform/browser/find-browser.ts'
import { findBrowser } from '../../src/platform/browser/index.ts'
import { createDatabase } from '../../src/platform/db/embedded/connection.ts'
import { openEmbeddedDatabase } from '../../src/platform/db/embedded/index.ts'
import { migrateToLatest, openDatabase } from '../../src/platform/db/index.ts'
import { openQueue } from '../../src/platform/jobs/index.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A server on which each test file makes a database of its own from the template. */
    serverUrl: string
    /** Where tests find a browser. */
    browser: FindBrowserOptions
  }
}

const TEMPLATE = 'rapporteur_template'

/** Finds a browser, starts one real PostgreSQL for the run, or takes TEST_DATABASE_URL, and migrates the template that every test file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-test-'))
  // As root the server and the browser run as other users, who have to pass through.
  await chmod(dataDir, 0o711)
  const browser = { configuredPath: process.env.CHROMIUM_PATH, dataDir }
  project.provide('browser', browser)
  // Unpacked here, before many files ask for it at once. Where there is none, the tests that need one say so.
  await findBrowser(browser).catch(() => {})
  const given = process.env.TEST_DATABASE_URL
  if (given) {
    await prepareTemplate(given)
    project.provide('serverUrl', given)
    return () => rm(dataDir, { recursive: true, force: true })
  }
  const server = await openEmbeddedDatabase({
    dataDir,
    purpose: 'start',
    commandName: 'test',
    log: () => {},
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  })
  await prepareTemplate(server.url)
  project.provide('serverUrl', server.url)
  return async () => {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function prepareTemplate(serverUrl: string): Promise<void> {
  const url = await createDatabase(serverUrl, TEMPLATE)
  const db = await openDatabase({ url, maxConnections: 2 })
  await migrateToLatest(db)
  await db.destroy()
  await using queue = await openQueue({
    databaseUrl: url,
    jobs: allJobs,
    log: { warn: () => {}, error: () => {} },
    supervise: false,
    migrate: true,
  })
  void queue
}
