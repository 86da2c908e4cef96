export { type BackupDatabaseOptions, backupDatabase } from './backup-database.ts'
export { type RestoreDatabaseOptions, restoreDatabase } from './restore-database.ts'
export type { BackupSummary } from './summary.ts'
