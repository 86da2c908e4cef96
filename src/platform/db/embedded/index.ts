export { createDatabase, createEmptyDatabase } from './connection.ts'
export { type EmbeddedDatabase, type EmbeddedDatabaseOptions, openEmbeddedDatabase } from './open-embedded-database.ts'
