import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { newId } from '../../src/base/ids.ts'
import { backupDatabase } from '../../src/platform/db/backup/backup-database.ts'
import { decodeHeader, encodeHeader, encodeTrailer, TRAILER_LENGTH } from '../../src/platform/db/backup/format.ts'
import type { BackupHeader } from '../../src/platform/db/backup/header.ts'
import type { BackupSummary } from '../../src/platform/db/backup/summary.ts'
import { createManualClock } from './manual-clock.ts'

export const BACKUP_AT = '2026-03-01T10:00:00.000Z'

/** A folder for one test's files. */
export class TemporaryFolder implements AsyncDisposable {
  readonly path: string

  private constructor(folder: string) {
    this.path = folder
  }

  static async create(): Promise<TemporaryFolder> {
    return new TemporaryFolder(await mkdtemp(path.join(tmpdir(), 'rapporteur-backup-')))
  }

  file(name = 'backup'): string {
    return path.join(this.path, name)
  }

  async names(): Promise<string[]> {
    return (await readdir(this.path)).sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}

export async function makeBackup(url: string, file: string): Promise<BackupSummary> {
  return await backupDatabase({ url, file, clock: createManualClock(BACKUP_AT) })
}

export async function query<T extends pg.QueryResultRow>(url: string, text: string, values?: unknown[]): Promise<T[]> {
  const client = new pg.Client({ connectionString: url, options: '-c search_path=rapporteur' })
  await client.connect()
  try {
    return (await client.query<T>(text, values)).rows
  } finally {
    await client.end()
  }
}

/** Every row of our tables as the server writes it, sorted, by table; undefined where there is no schema of ours. */
export async function readEverything(url: string): Promise<Record<string, string[]> | undefined> {
  const tables = await query<{ name: string }>(
    url,
    `select relname as name from pg_class where relnamespace = to_regnamespace('rapporteur') and relkind = 'r'
     and relname not like 'kysely%' order by 1`,
  )
  if (tables.length === 0) return undefined
  const everything: Record<string, string[]> = {}
  for (const { name } of tables) {
    const rows = await query<{ row: string }>(url, `select t::text as row from ${pg.escapeIdentifier(name)} t`)
    everything[name] = rows.map(({ row }) => row).sort()
  }
  return everything
}

/** Changes what a backup says, with a checksum that is right again. */
export async function forgeBackup(
  file: string,
  change: (content: { header: BackupHeader; rows: Buffer }) => { header?: BackupHeader; rows?: Buffer; body?: Buffer },
): Promise<void> {
  const bytes = await readFile(file)
  const decoded = decodeHeader(bytes)
  if (!decoded) throw new Error(`${file} is no backup`)
  const rows = gunzipSync(bytes.subarray(decoded.bodyAt, bytes.length - TRAILER_LENGTH))
  const changed = change({ header: decoded.header, rows })
  const content = Buffer.concat([
    encodeHeader(changed.header ?? decoded.header),
    changed.body ?? gzipSync(changed.rows ?? rows),
  ])
  await writeFile(file, Buffer.concat([content, encodeTrailer(createHash('sha256').update(content).digest('hex'))]))
}

/** The same database through a role of its own that may do nothing beyond what it owns. */
export async function createOrdinaryUser(
  url: string,
  options: { isOwner: boolean },
): Promise<{ url: string } & AsyncDisposable> {
  const name = `test_${newId().replaceAll('-', '')}`
  const database = new URL(url).pathname.slice(1)
  await query(url, `create role ${name} login password '${name}'`)
  if (options.isOwner) await query(url, `alter database ${database} owner to ${name}`)
  const ordinary = new URL(url)
  ordinary.username = name
  ordinary.password = name
  return {
    url: ordinary.href,
    async [Symbol.asyncDispose]() {
      await query(url, `reassign owned by ${name} to current_user; drop owned by ${name}; drop role ${name}`)
    },
  }
}
