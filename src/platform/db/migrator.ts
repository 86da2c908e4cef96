import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { AppError } from '../../base/errors.ts'
import { SCHEMA } from './database.ts'
import { databaseErrorCode, translateDatabaseError } from './errors.ts'
import { migrations, schemaVersion } from './migrations/index.ts'
import type { Database } from './tables.ts'

/** Brings the schema to this program's version; safe to run by two processes at once. Returns the names of what was applied. */
export async function migrateToLatest(db: Database): Promise<string[]> {
  await refuseNewer(db)
  await ensureSchema(db)
  const { error, results } = await createMigrator(db).migrateToLatest()
  if (error) throw translateDatabaseError(error)
  return (results ?? []).filter((result) => result.status === 'Success').map((result) => result.migrationName)
}

/** Migrates an empty database to one version, for `restore`, which must load what a version wrote into what that version had. */
export async function migrateTo(db: Database, version: string): Promise<void> {
  if (!(version in migrations)) throw newerSchema(version)
  await ensureSchema(db)
  const { error } = await createMigrator(db).migrateTo(version)
  if (error) throw translateDatabaseError(error)
}

/** The version the database has; undefined where nothing was ever migrated. */
export async function readSchemaVersion(db: Database): Promise<string | undefined> {
  const { rows } = await sql<{
    exists: boolean
  }>`select to_regclass(${`${SCHEMA}.kysely_migration`}) is not null as exists`.execute(db)
  if (!rows[0]?.exists) return undefined
  const applied = await sql<{ name: string }>`
    select name from ${sql.id(SCHEMA, 'kysely_migration')} order by name desc limit 1`.execute(db)
  return applied.rows[0]?.name
}

/** Refuses (`schema_mismatch`) to work on a database that this program's version was not made for. */
export async function requireCurrentSchema(db: Database): Promise<void> {
  const found = await readSchemaVersion(db)
  if (found === schemaVersion) return
  if (found !== undefined && !(found in migrations)) throw newerSchema(found)
  throw new AppError(
    'schema_mismatch',
    `The database ${found === undefined ? 'has not been set up' : `is at version ${found}`} and this program needs ${schemaVersion}: run \`npx rapporteur migrate\` first.`,
  )
}

/** Even where it exists, creating it would need the right to create schemas, which a restricted user may lack. */
async function ensureSchema(db: Database): Promise<void> {
  const { rows } = await sql<{ exists: boolean }>`select to_regnamespace(${SCHEMA}) is not null as exists`.execute(db)
  if (rows[0]?.exists) return
  try {
    await sql.raw(`create schema if not exists ${SCHEMA}`).execute(db)
  } catch (error) {
    // Another process made it in the same moment; "if not exists" does not cover that.
    if (!['23505', '42P06'].includes(databaseErrorCode(error) ?? '')) throw error
  }
}

async function refuseNewer(db: Database): Promise<void> {
  const found = await readSchemaVersion(db)
  if (found !== undefined && !(found in migrations)) throw newerSchema(found)
}

function newerSchema(found: string): AppError {
  return new AppError(
    'schema_mismatch',
    `The database is at version ${found}, which is newer than this program (${schemaVersion}): use the newer program, or restore a backup.`,
  )
}

function createMigrator(db: Database): Migrator {
  const plain = db.withoutPlugins() as Kysely<unknown>
  return new Migrator({
    db: plain,
    provider: { getMigrations: async () => migrations },
    migrationTableSchema: SCHEMA,
  })
}
