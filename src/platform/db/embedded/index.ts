export { createEmptyDatabase } from './connection.ts'
export { type EmbeddedDatabase, openEmbeddedDatabase } from './open-embedded-database.ts'
