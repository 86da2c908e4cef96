import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { type Database, openDatabase } from '../../src/platform/db/index.ts'

export interface TestDatabase extends AsyncDisposable {
  url: string
  db: Database
}

/** A fresh migrated database, cloned from the template in some 20 ms; dropped when disposed of. */
export async function createTestDatabase(options: { maxConnections?: number } = {}): Promise<TestDatabase> {
  const url = await cloneDatabase('rapporteur_template')
  const db = await openDatabase({ url, maxConnections: options.maxConnections ?? 5 })
  return {
    url,
    db,
    async [Symbol.asyncDispose]() {
      await db.destroy()
      await dropDatabase(url)
    },
  }
}

/** An empty database on the same server; `template0` for one without our tables. */
export async function cloneDatabase(template: 'rapporteur_template' | 'template0'): Promise<string> {
  const url = new URL(inject('serverUrl'))
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await onServer((client) => client.query(`create database ${name} template ${template}`))
  url.pathname = `/${name}`
  return url.href
}

export async function dropDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1)
  await onServer((client) => client.query(`drop database if exists ${name} with (force)`))
}

async function onServer(use: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: inject('serverUrl') })
  await client.connect()
  try {
    await use(client)
  } finally {
    await client.end()
  }
}
