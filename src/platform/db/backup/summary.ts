import type { BackupHeader } from './header.ts'

export interface BackupSummary {
  tables: { name: string; rows: number }[]
  /** Size of the file. */
  bytes: number
  /** The newest migration the backup was made under. */
  schemaVersion: string
  createdAt: Date
  /** The secrets that must go along: the database refuses to work with others, and they are not in the backup. */
  secretNames: string[]
}

export function summarise(header: BackupHeader, bytes: number): BackupSummary {
  return {
    tables: header.tables.map(({ name, rows }) => ({ name, rows })),
    bytes,
    schemaVersion: header.schemaVersion,
    createdAt: new Date(header.createdAt),
    secretNames: header.secretNames,
  }
}
