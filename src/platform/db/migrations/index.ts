import type { Migration } from 'kysely/migration'
import * as m0001 from './0001-foundation.ts'

/** Every migration in order. Named one by one: no folder is scanned, and a landed one is never changed. */
export const migrations: Record<string, Migration> = {
  '0001-foundation': m0001,
}

/** The version of the schema this program works with. */
export const schemaVersion = Object.keys(migrations).at(-1) as string
