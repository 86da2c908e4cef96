import type { ColumnType, Generated, Kysely, Transaction as KyselyTransaction } from 'kysely'

// What migrations/ make, as the code sees it: camelCase, instants as Date. Each room declares the tables that it alone writes in a tables.ts of
// its own, as here the platform does. A test compares all of them with the real database.

export type { ColumnType, Generated }
/** Read as a Date; written as one too. */
export type Instant = Date
export type WithDefault<T> = ColumnType<T, T | undefined, T>
/** Written as a string of JSON, read parsed. */
export type Json<T> = ColumnType<T, string, string>

/** Every table by its name. The rooms above add theirs (`declare module`), so that nothing here knows of them. */
export interface Tables {
  setting: SettingTable
  secretFingerprint: SecretFingerprintTable
  signInLink: SignInLinkTable
  session: SessionTable
}

/** Reads and statements of their own. Writes of a noun take a `Transaction`. */
export type Database = Kysely<Tables>
export type Transaction = KyselyTransaction<Tables>

/** Under which keys `setting` has rows. Each belongs to the room that declares it, as tables do; `npm run check` reads it here. */
// biome-ignore lint/suspicious/noEmptyInterface: the rooms fill it.
export interface SettingKeys {}

/** Small values of which there is one each. */
interface SettingTable {
  key: string
  value: Json<unknown>
  updatedAt: WithDefault<Instant>
}

interface SecretFingerprintTable {
  name: string
  fingerprint: string
  createdAt: WithDefault<Instant>
  weakSince: Instant | null
}

interface SignInLinkTable {
  tokenHash: string
  /** Null for the link printed at the first start: an administrator without an address. */
  email: string | null
  isAdmin: boolean
  expiresAt: Instant
  usedAt: Instant | null
  createdAt: WithDefault<Instant>
}

interface SessionTable {
  tokenHash: string
  email: string | null
  isAdmin: boolean
  expiresAt: Instant
  createdAt: WithDefault<Instant>
}
