import { type Database, inTransaction, type Transaction } from '../db/index.ts'
import type { InstallationSecrets } from './installation-secrets.ts'
import { type FingerprintedName, fingerprintsOf, judgeLinkSecret } from './require-same-secrets.ts'
import { forgetFingerprint, type KnownSecret, keepFingerprints, readFingerprints } from './secret-store.ts'

/** What the database knows of a secret, beside what it is now. */
interface FingerprintComparison {
  known: KnownSecret | undefined
  isSame: boolean
}

export async function compareFingerprint(
  db: Database,
  secrets: InstallationSecrets,
  name: FingerprintedName,
): Promise<FingerprintComparison> {
  const known = (await readFingerprints(db)).get(name)
  return { known, isSame: known?.fingerprint === fingerprintsOf(secrets)[name] }
}

/**
 * Lets the secret as it is now take the place of the one that the database knows. What was locked with that one stays locked: whoever calls
 * this has made sure that nothing is, or was told to give it up. `also` is done in the same transaction. Throws `secret_weak`.
 */
export async function replaceFingerprint(
  db: Database,
  secrets: InstallationSecrets,
  name: FingerprintedName,
  now: Date,
  also: (trx: Transaction) => Promise<void>,
): Promise<void> {
  const weak = name === 'TRANSCRIPT_TOKEN_SECRET' ? judgeLinkSecret(secrets, undefined, now).weak : undefined
  await inTransaction(db, async (trx) => {
    await forgetFingerprint(trx, name)
    await keepFingerprints(trx, [{ name, fingerprint: fingerprintsOf(secrets)[name], weakSince: weak?.since ?? null }])
    await also(trx)
  })
}
