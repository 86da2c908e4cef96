import pg from 'pg'
import { SCHEMA } from '../database.ts'
import type { BackupTable } from './header.ts'
import type { Reference } from './order-tables.ts'

// Kysely's own record of what was applied is written by migrating, never copied.
const NOT_OURS = ['kysely_migration', 'kysely_migration_lock']

export interface Table {
  name: string
  /** Without generated columns, which the server computes again. */
  columns: string[]
}

/** The name of a table as it stands in a statement. */
export function tableName(name: string): string {
  return `${SCHEMA}.${pg.escapeIdentifier(name)}`
}

/** The tables of our schema, whatever migration made them, by name; none where there is no schema. */
export async function listTables(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `select c.relname::text as name, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relnamespace = to_regnamespace($1) and c.relkind = 'r' and c.relname <> all ($2)
     group by c.relname order by c.relname collate "C"`,
    [SCHEMA, NOT_OURS],
  )
  return rows
}

export async function listReferences(client: pg.Client): Promise<Reference[]> {
  const { rows } = await client.query<Reference>(
    `select distinct f.relname::text as "from", t.relname::text as "to"
     from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
     where k.contype = 'f' and f.relnamespace = to_regnamespace($1) and t.relnamespace = f.relnamespace`,
    [SCHEMA],
  )
  return rows
}

export async function countTableRows(client: pg.Client, table: Table): Promise<number> {
  const { rows } = await client.query<{ count: string }>(`select count(*) from ${tableName(table.name)}`)
  return Number(rows[0]?.count)
}

/** Where the numbers of a table's identity and serial columns stand, which may be past the largest one still there. */
export async function readSequences(client: pg.Client, table: Table): Promise<BackupTable['sequences']> {
  const sequences: BackupTable['sequences'] = []
  for (const { column, sequence } of await listSequences(client, table)) {
    const { rows } = await client.query<{ lastValue: string; isCalled: boolean }>(
      `select last_value::text as "lastValue", is_called as "isCalled" from ${sequence}`,
    )
    if (rows[0]) sequences.push({ column, ...rows[0] })
  }
  return sequences
}

async function listSequences(client: pg.Client, table: Table): Promise<{ column: string; sequence: string }[]> {
  const { rows } = await client.query<{ column: string; sequence: string }>(
    `select "column", sequence from unnest($2::text[]) as "column", pg_get_serial_sequence($1, "column") as sequence
     where sequence is not null`,
    [tableName(table.name), table.columns],
  )
  return rows
}
