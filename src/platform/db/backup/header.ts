import { z } from 'zod'

const sequenceSchema = z.object({
  column: z.string(),
  /** A bigint, which a JSON number could not hold. */
  lastValue: z.string().regex(/^-?\d+$/),
  isCalled: z.boolean(),
})

const tableSchema = z.object({
  name: z.string(),
  columns: z.array(z.string()).min(1),
  rows: z.number().int().nonnegative(),
  sequences: z.array(sequenceSchema),
})

/** What a backup says about itself, before the rows. Readable with `head -n 2`. */
export const backupHeaderSchema = z.object({
  about: z.string(),
  schemaVersion: z.string(),
  createdAt: z.iso.datetime(),
  serverVersion: z.string(),
  /** Names of the secrets without which what is stored cannot be used; the secrets themselves are never in a backup. */
  secretNames: z.array(z.string()),
  /** In the order in which they are stored and can be loaded: what is referred to comes first. */
  tables: z.array(tableSchema),
})

export type BackupHeader = z.infer<typeof backupHeaderSchema>
export type BackupTable = z.infer<typeof tableSchema>
