export { backupDatabase } from './backup-database.ts'
export { restoreDatabase } from './restore-database.ts'
